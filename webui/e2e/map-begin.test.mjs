// Where the map begins: what the list numbers is in sight, each sign by itself, and what is not is told in the same words with a script and without.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { desktop, device, eventually, phone, run, town, ways } from "./harness.mjs";
import { coordinator } from "./word.mjs";

const corpora = process.env.LAMPPOST_CORPORA;
const skip = corpora ? false : "LAMPPOST_CORPORA names no folder: no real streets were looked at";

// The nearest first. Two are so near to each other that their signs just stand apart, and some lie in the corners.
const places = [
  ["Fountain", "43.7378, 7.4258"],
  ["Kitchen", "43.7378, 7.4276"],
  ["Clinic", "43.7368, 7.4233"],
  ["Hill School", "43.7405, 7.4217"],
  ["Harbor Hall", "43.7345, 7.4217"],
  ["Upper Hall", "43.7405, 7.4297"],
  ["Far Well", "43.8005, 7.5002"],
];
const far = "7. Far Well";
const told = `Of the list, not on this part of the map: ${far}`;

let place;
const ends = [];

before(async () => {
  if (skip) return;
  place = await town("Fire Station");
  const [hub] = place.hubs;
  await run("maps", "add", join(corpora, "maps", "monaco-osm-protomaps-v4.pmtiles"), "--data", hub.dir);
  const maria = await coordinator({ after: (end) => ends.push(end) }, hub, "Maria Ortiz", "maps", "fire district");
  await maria.goto("/maps/here?points=43.7375,7.4257");
  await maria.getByRole("button", { name: "Save" }).click();
  await maria.waitForURL("**/maps/?done=**");
  for (const [title, points] of places) {
    await maria.goto("/maps/new");
    await maria.locator("#kind").selectOption("water");
    await maria.locator("#title").fill(title);
    await maria.locator("#points").fill(points);
    await maria.getByRole("button", { name: "Put it on the map" }).click();
    await maria.waitForURL("**/maps/p/**");
  }
});
after(async () => {
  for (const end of ends) await end();
  if (place) await place.stop();
});

const listed = (page) => page.locator("#places > li .by b").allTextContents();
const signs = (page) => page.locator(".sign").evaluateAll((all) => all.map((s) => s.getAttribute("aria-label").split(" · ")[0]));

/** Signs that are under something else, or not wholly on the map. */
const covered = (page) =>
  page.evaluate(() => {
    const box = (e) => e.getBoundingClientRect();
    const map = box(document.querySelector(".streets"));
    const over = [".streets-bar", ".streets-credit"].map((s) => box(document.querySelector(s)));
    const under = (s) => s.left < map.left || s.top < map.top || s.right > map.right || s.bottom > map.bottom || over.some((o) => o.width > 0 && s.left < o.right && s.right > o.left && s.top < o.bottom && s.bottom > o.top);
    return [...document.querySelectorAll(".sign")].filter((s) => under(box(s))).map((s) => s.getAttribute("aria-label"));
  });

for (const [size, viewport] of [["a phone", phone], ["a desk", desktop]]) {
  for (const language of ["en", "ar"]) {
    test(`the map begins where the picture does, with each sign by itself and beside the buttons: ${size}, ${language}`, { skip }, async (t) => {
      const { open } = await device(t, place.hubs[0]);
      const { page: plain } = await open({ viewport, javaScriptEnabled: false });
      await plain.goto(`/~${language}/maps/map`);
      const rows = await listed(plain);
      assert.equal(rows.length, places.length - 1, rows.join());
      const { page } = await open({ viewport });
      await page.goto(`/~${language}/maps/map`);
      await page.waitForURL("**zoom=**"); // it says where it has begun
      await page.waitForFunction((n) => document.querySelectorAll(".sign").length === n, rows.length);
      assert.deepEqual(await signs(page), rows);
      assert.deepEqual(await covered(page), []);
      const least = Number(new URL(await plain.locator("main picture img").evaluate((i) => i.src)).searchParams.get("zoom"));
      assert.ok(Number(new URL(page.url()).searchParams.get("zoom")) >= Math.floor(least), "it begins further away than the picture");
      assert.deepEqual(await listed(page), rows);
    });
  }
}

for (const [how, options] of ways) {
  test(`a number that is missing below the map is told, and its link shows it: ${how}`, { skip }, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/maps/map");
    const line = page.locator("#unseen");
    assert.equal((await line.innerText()).trim(), told);
    if (how === "with scripts") await page.waitForURL("**zoom=**");
    await page.waitForLoadState("networkidle");
    assert.equal((await line.innerText()).trim(), told);
    await line.getByRole("link", { name: far }).click();
    await eventually("it is there", async () => (await listed(page)).join() === far);
    await page.getByText("Of the list, not on this part of the map: 1. Fountain").waitFor();
    if (how === "with scripts") await page.locator(`.sign[aria-label^="${far}"]`).waitFor();
  });
}

test("the list says what is missing of the part to which the map was moved", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await page.goto("/maps/map");
  await page.waitForURL("**zoom=**");
  const farther = page.getByRole("region", { name: "Map" }).getByRole("button", { name: "Farther away" });
  for (let i = 0; i < 6; i++) await farther.click();
  await page.locator("#unseen").waitFor({ state: "hidden" });
  assert.equal((await listed(page)).length, places.length);
});
