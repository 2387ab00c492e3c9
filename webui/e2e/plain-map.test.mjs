// The map without a script: pictures that links move, with signs that lead to their places, on the streets of a real town.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { look, walk } from "./access.mjs";
import { device, desktop, phone, run, town } from "./harness.mjs";
import { coordinator } from "./word.mjs";

const corpora = process.env.LAMPPOST_CORPORA;
const skip = corpora ? false : "LAMPPOST_CORPORA names no folder: no real streets were looked at";
const file = join(corpora || "", "maps", "monaco-osm-protomaps-v4.pmtiles");
const most = 60_000; // bytes of a picture
const plain = { javaScriptEnabled: false };

const inTown = "/maps/map?center=43.7375,7.4255&zoom=16"; // by the harbor of Monaco
const places = [
  ["shelter", "Harbor Hall", "43.7365, 7.4240"],
  ["water", "Fountain <b>Square</b>", "43.7385, 7.4262"],
  ["medical", "Clinic", "43.7382, 7.4235"],
  ["road", "Avenue d'Ostende", "43.7362, 7.4262; 43.7368, 7.4280"],
];

let place;
let maria;
const ends = [];
const t = { after: (end) => ends.push(end) };

before(async () => {
  if (skip) return;
  place = await town("Fire Station");
  const [hub] = place.hubs;
  maria = await coordinator(t, hub, "Maria Ortiz", "maps", "fire district");
  for (const [kind, title, points] of places) {
    await maria.goto("/maps/new");
    await maria.locator("#kind").selectOption(kind);
    await maria.locator("#title").fill(title);
    await maria.locator("#points").fill(points);
    await maria.getByRole("button", { name: "Put it on the map" }).click();
    await maria.waitForURL("**/maps/p/**");
  }
  await run("maps", "add", file, "--data", hub.dir);
  await maria.goto("/maps/here?points=43.7375,7.4255");
  await maria.getByRole("button", { name: "Save" }).click();
  await maria.waitForURL("**/maps/?done=**");
});
after(async () => {
  for (const end of ends) await end();
  if (place) await place.stop();
});

const picture = (page) => page.locator("main picture img");

/** The file that the page's picture is, as the browser has chosen it. */
async function drawn(page) {
  const src = await picture(page).evaluate((img) => img.decode().then(() => img.currentSrc));
  return new URL(src);
}

/** Presses the picture so many pixels from its corner. */
async function press(page, image, x, y) {
  const box = await image.boundingBox();
  await page.mouse.click(box.x + x, box.y + y);
}

test("the picture shows the streets, by day and by night, as fine as the screen", { skip }, async (t) => {
  const { open } = await device(t, place.hubs[0], plain);
  const seen = new Set();
  for (const colorScheme of ["light", "dark"]) {
    for (const deviceScaleFactor of [1, 2]) {
      const { page } = await open({ colorScheme, deviceScaleFactor });
      let answered;
      page.on("response", (r) => r.url().includes("/maps/picture?") && (answered = r));
      await page.goto(inTown);
      const src = await drawn(page);
      const bytes = (await answered.body()).length;
      assert.ok(bytes > 5_000 && bytes <= most, `${bytes} bytes`);
      assert.equal(src.searchParams.get("dark"), colorScheme === "dark" ? "1" : null);
      assert.equal(src.searchParams.get("scale"), deviceScaleFactor === 2 ? "2" : null);
      seen.add(src.search);
      await page.getByText("Map data: © OpenStreetMap").waitFor();
      assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), "the picture sticks out");
    }
  }
  assert.equal(seen.size, 4);
});

test("signs lead to the places whose numbers they have", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0], plain);
  await page.goto("/maps/");
  const list = await page.locator("#places > li .by b, #dangers > li .by b").allTextContents();
  await page.goto(inTown);
  assert.deepEqual((await page.locator("#places > li .by b").allTextContents()).sort(), list.sort());
  for (const row of list) {
    await page.goto(inTown);
    const area = page.locator(`area[alt=${JSON.stringify(row)}]`);
    const [left, top, right, bottom] = (await area.getAttribute("coords")).split(",").map(Number);
    await picture(page).scrollIntoViewIfNeeded();
    await press(page, picture(page), (left + right) / 2, (top + bottom) / 2);
    await page.waitForURL("**/maps/p/**");
    await page.getByRole("heading", { level: 1, name: row.replace(/^\d+\. /, "") }).waitFor();
    assert.ok((await drawn(page)).searchParams.get("place"));
  }
});

test("links move the map, and where it is pressed a point is picked", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0], plain);
  await page.goto(inTown);
  const first = await drawn(page);
  await page.getByRole("link", { name: "Nearer", exact: true }).click();
  await page.waitForURL("**zoom=17**");
  await page.getByRole("link", { name: "To the east" }).click();
  await page.waitForURL((u) => Number(u.searchParams.get("center").split(",")[1]) > 7.4256);
  assert.notEqual((await drawn(page)).search, first.search);
  assert.equal(await page.evaluate(() => scrollY > 0), true); // at the picture

  await page.goto(inTown);
  await press(page, picture(page), 5, 300); // where no sign is
  await page.waitForURL("**pick=1**");
  await press(page, page.locator("input[type=image]"), 260, 160);
  await page.waitForURL("**tap.x=260**");
  await page.getByText("The point that you have picked").waitFor();
  const east = (7.4255 + (100 * 360) / (256 * 2 ** 16)).toFixed(4);
  await page.getByText(`43.7375,${east}`).waitFor();
  await page.getByRole("link", { name: "Say what you have seen" }).click();
  assert.match(await page.locator("#points").inputValue(), new RegExp(`^43.7375,${east}`));

  await page.goto(inTown + "&pick=1");
  await page.locator("#point").fill("8FM9PCPG+22");
  await page.keyboard.press("Enter");
  await page.getByText("The point that you have picked").waitFor();
  await page.goto(inTown + "&pick=1");
  await page.locator("#point").fill("43.7");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("one number only").waitFor();
});

test("street maps are brought by a form and taken away", { skip }, async () => {
  await maria.goto("/maps/extracts");
  assert.match(await maria.locator("#command").inputValue(), /^pmtiles extract https:\/\/\S+ \S+\.pmtiles --bbox=[-\d.,]+ --maxzoom=15$/);
  await maria.getByRole("listitem").filter({ hasText: "monaco-osm-protomaps-v4.pmtiles" }).getByText("In use").waitFor();
  await maria.getByRole("group").filter({ hasText: "Take it away" }).locator("summary").click();
  await maria.getByRole("button", { name: "Yes, take it away" }).click();
  await maria.getByText("There is no map file here yet.").waitFor();
  await maria.locator("#file").setInputFiles({ name: "odd.pmtiles", mimeType: "application/octet-stream", buffer: Buffer.from("no map") });
  await maria.getByRole("button", { name: "Take it in" }).click();
  await maria.getByText("This is no PMTiles file").waitFor();
  await maria.locator("#file").setInputFiles(file);
  await maria.getByRole("button", { name: "Take it in" }).click();
  await maria.getByText("Changed.").waitFor();
  await maria.getByText("In use").waitFor();
});

test("the pages of the map can be used by everybody", { skip, timeout: 600_000 }, async (t) => {
  const { page } = await device(t, place.hubs[0]);
  const wrong = [];
  for (const path of [inTown, inTown + "&pick=1", inTown + "&point=43.737,7.426", inTown + "&size=large", "/maps/", "/maps/extracts"]) {
    for (const language of ["en", "ar"]) {
      await page.goto(`/~${language}${path}`);
      wrong.push(...(await look(page, `${path} in ${language}`)));
    }
    await page.setViewportSize(desktop);
    wrong.push(...(await walk(page)).map((w) => `${path}: ${w}`));
    await page.setViewportSize(phone);
  }
  await maria.goto("/maps/extracts");
  wrong.push(...(await look(maria, "/maps/extracts of a coordinator")));
  assert.deepEqual(wrong, []);
});
