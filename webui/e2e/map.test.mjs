// The map of the places: streets that can be moved, with signs that everybody can use, on the streets of a real town.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { look } from "./access.mjs";
import { desktop, device, eventually, run, town } from "./harness.mjs";
import { median } from "./people.mjs";
import { coordinator } from "./word.mjs";

const corpora = process.env.LAMPPOST_CORPORA;
const skip = corpora ? false : "LAMPPOST_CORPORA names no folder: no real streets were looked at";
const slower = 6; // times, than this machine's processor
const bound = 4_000; // ms, until the map is there on such a phone
const most = 90_000; // bytes of the map's script

const inTown = "/maps/map?center=43.7375,7.4255&zoom=16"; // by the harbor of Monaco
const places = [
  ["shelter", "Harbor Hall", "43.7365, 7.4240"],
  ["water", "Fountain <b>Square</b>", "43.7385, 7.4262"],
  ["medical", "Clinic", "43.7382, 7.4235"],
  ["road", "Avenue d'Ostende", "43.7381, 7.4250; 43.7386, 7.4270"],
];

let place;
let maria;
const ends = [];
const t = { after: (end) => ends.push(end) };

before(async () => {
  if (skip) return;
  place = await town("Fire Station");
  const [hub] = place.hubs;
  await run("maps", "add", join(corpora, "maps", "monaco-osm-protomaps-v4.pmtiles"), "--data", hub.dir);
  maria = await coordinator(t, hub, "Maria Ortiz", "maps", "fire district");
  await maria.goto("/maps/here");
  await field(maria).fill("43.7375, 7.4275");
  await maria.getByRole("button", { name: "Save" }).click();
  await maria.waitForURL("**/maps/?**");
  for (const [kind, title, points] of places) await puts(kind, title, points);
  await maria.goto("/maps/report?points=43.7370,7.4272");
  await maria.locator("[name=what][value=danger]").check();
  await maria.locator("#text").fill("a tree on the wires");
  await maria.getByRole("button", { name: "Send" }).click();
  await maria.waitForURL("**/maps/o/**");
});
after(async () => {
  for (const end of ends) await end();
  if (place) await place.stop();
});

/** A coordinator puts a place on the map. */
async function puts(kind, title, points) {
  await maria.goto("/maps/new");
  await maria.locator("#kind").selectOption(kind);
  await maria.locator("#title").fill(title);
  await maria.locator("#points").fill(points);
  await maria.getByRole("button", { name: "Put it on the map" }).click();
  await maria.waitForURL("**/maps/p/**");
}

/** Waits until all streets in view and all signs are there. */
async function drawn(page) {
  await page.waitForFunction(() => {
    const tiles = document.querySelectorAll(".leaflet-tile");
    return tiles.length > 0 && document.querySelectorAll(".leaflet-tile-loaded").length === tiles.length && document.querySelectorAll(".sign").length > 0;
  });
}

const map = (page) => page.getByRole("region", { name: "Map" });
const sign = (page, name) => map(page).getByRole("button", { name });
const card = (page) => page.getByRole("dialog");
const field = (page) => page.locator("#points");

/** Whatever a page complains of. */
function complaints(page) {
  const all = [];
  page.on("console", (m) => m.type() === "error" && !/Cross-Origin-Opener-Policy/.test(m.text()) && all.push(m.text()));
  page.on("pageerror", (e) => all.push(e.message));
  return all;
}

test("signs stand on the streets, and each opens what the list says of its place", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0]);
  const wrong = complaints(page);
  await page.goto(inTown);
  await drawn(page);
  const rows = await page.locator("#places > li .by b").allTextContents();
  assert.equal(rows.length, places.length);
  for (const row of rows) {
    const [number, ...name] = row.split(". ");
    await page.goto(inTown); // it may have been moved
    await drawn(page);
    await sign(page, `${number}. ${name.join(". ")}`).click();
    await card(page).getByText(name.join(". "), { exact: true }).waitFor();
    assert.equal(await card(page).locator("b b").count(), 0, "what somebody wrote has become more than text");
    await page.keyboard.press("Escape");
    await card(page).waitFor({ state: "hidden" });
  }
  await page.goto(inTown);
  await sign(page, /Danger.*Not confirmed/).click();
  await card(page).getByText("a tree on the wires").waitFor();
  await card(page).getByRole("link", { name: "Danger" }).click();
  await page.waitForURL("**/maps/o/**");
  await page.goBack();
  await drawn(page);
  await page.getByText(/© OpenStreetMap/).waitFor();
  assert.deepEqual(wrong, []);
});

test("street names are drawn, and nothing of the picture without a script is left", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await page.addInitScript(() => {
    window.written = new Set();
    const { fillText } = CanvasRenderingContext2D.prototype;
    let line = "";
    CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
      line = text.length > 1 ? "" : line + text;
      for (let from = Math.max(0, line.length - 40); from < line.length; from++) window.written.add(line.slice(from));
      window.written.add(text);
      return fillText.call(this, text, ...at);
    };
  });
  await page.goto(inTown);
  await drawn(page);
  await page.waitForFunction(() => window.written.has("Avenue d'Ostende"));
  assert.equal(await page.locator("#map img, #map area").count(), 0);
});

test("keys alone go from sign to sign, and to and fro", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await page.goto(inTown);
  await drawn(page);
  await map(page).focus();
  const heard = [];
  for (let i = 0; i < places.length; i++) {
    await page.keyboard.press("Tab");
    heard.push(await page.evaluate(() => document.activeElement.getAttribute("aria-label")));
  }
  assert.deepEqual(heard.map((name) => Number.parseInt(name, 10)), [...heard.keys()].map((i) => i + 1), heard.join("\n"));
  const on = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  await page.keyboard.press("Enter");
  await card(page).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "dialog");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter"); // closes it
  await card(page).waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), on);

  await map(page).focus();
  const was = page.url();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL((u) => u.href !== was);
  await page.keyboard.press("+");
  await page.waitForURL("**zoom=17**");
});

test("the list is that of the part in view, and who comes back finds it", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await page.goto(inTown);
  await drawn(page);
  for (let i = 0; i < 3; i++) await map(page).getByRole("button", { name: "Nearer" }).click();
  await page.waitForURL("**zoom=19**");
  await eventually("the list is shorter", async () => (await page.locator("#places > li").count()) < places.length);
  const view = page.url();
  await page.goto(inTown.replace("43.7375", "43.7475"));
  await page.getByText("Nobody has put a place on this part of the map.").waitFor();
  for (let i = 0; i < 3; i++) await map(page).getByRole("button", { name: "Farther away" }).click();
  await eventually("the list is there", async () => (await page.locator("#places > li").count()) >= places.length);
  await page.getByText("Nobody has put a place on this part of the map.").waitFor({ state: "hidden" });
  await page.goto(view);
  await page.goto("/maps/");
  await page.goBack();
  await drawn(page).catch(() => undefined);
  assert.equal(page.url(), view);
});

test("what a coordinator says comes to an open map", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await page.goto(inTown);
  await drawn(page);
  assert.equal(await sign(page, /Port Kitchen/).count(), 0);
  await puts("food", "Port Kitchen", "43.7360, 7.4268");
  await sign(page, /Port Kitchen/).waitFor();
});

test("a tap asks what is to be done there, and fills the form", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await page.goto(inTown);
  await drawn(page);
  await map(page).click({ position: { x: 60, y: 280 } });
  await card(page).getByText("The point is at 43.73").waitFor();
  await card(page).getByRole("link", { name: "Say what you have seen" }).click();
  await page.waitForURL("**/maps/report?points=**");
  assert.match(await field(page).inputValue(), /^43\.73\d+,? ?7\.42\d+$/);
});

test("a form's point is put and moved by taps and drags, and several are a line", { skip }, async () => {
  const page = maria;
  await page.goto("/maps/new");
  await page.locator("main form details summary").first().click();
  await field(page).fill("43.7375, 7.4255");
  await page.getByRole("link", { name: "Pick a point on the map" }).click();
  await drawn(page);
  await map(page).click({ position: { x: 100, y: 100 } });
  const tapped = await field(page).inputValue();
  assert.match(tapped, /^43\.\d+, 7\.\d+$/);
  const pin = page.locator(".pin");
  const box = await pin.boundingBox();
  await page.mouse.move(box.x + 22, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 62, box.y + 60, { steps: 5 });
  await page.mouse.up();
  const moved = await field(page).inputValue();
  assert.notEqual(moved, tapped);
  await page.locator("#shape").selectOption("line");
  await map(page).click({ position: { x: 30, y: 290 } });
  assert.deepEqual((await field(page).inputValue()).split("; ").length, 2);
  await page.getByRole("button", { name: "Take back the last point" }).click();
  assert.equal(await field(page).inputValue(), moved);
  await page.getByRole("button", { name: "The middle of the map" }).click();
  assert.equal((await field(page).inputValue()).split("; ").length, 2);
  await field(page).fill("43.7390, 7.4280");
  await page.locator("#shape").selectOption("point");
  assert.equal(await pin.count(), 1);
});

test("a road is a line of taps, and a point is picked among the places that are shown", { skip }, async (t) => {
  await maria.goto("/maps/new");
  await maria.getByRole("link", { name: "Pick a point on the map" }).click();
  await drawn(maria);
  for (const [kind, points] of [["water", 1], ["road", 3]]) {
    await maria.locator("#kind").selectOption(kind);
    for (const x of [60, 160]) await map(maria).click({ position: { x, y: 250 } });
    assert.equal((await field(maria).inputValue()).split(";").length, points, kind);
  }
  const { page } = await device(t, place.hubs[0]);
  await page.goto(`${inTown}&kind=water`);
  await drawn(page);
  const signs = await page.locator(".sign").allTextContents();
  await page.getByRole("link", { name: "Pick a point on the map" }).click();
  await drawn(page);
  await sign(page, /Fountain/).waitFor();
  assert.deepEqual(await page.locator(".sign").allTextContents(), signs, "signs of what the list does not have");
  assert.equal(await sign(page, /Harbor Hall/).count(), 0);
  await map(page).click({ position: { x: 60, y: 250 } });
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("link", { name: "Where to go from there" }).click();
  await page.waitForURL("**kind=water**");
});

test("a place is moved by a tap", { skip }, async () => {
  const page = maria;
  await puts("other", "Kiosk", "43.7372, 7.4243");
  const path = new URL(page.url()).pathname;
  await page.goto(`${path}/edit`);
  await page.getByRole("link", { name: "Pick a point on the map" }).click();
  await drawn(page);
  await map(page).click({ position: { x: 120, y: 220 } });
  const to = await field(page).inputValue();
  assert.notEqual(to.replace(/\s/g, ""), "43.7372,7.4243");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(`**${path}*`);
  await page.goto(`${path}/edit`);
  assert.equal((await field(page).inputValue()).replace(/\s/g, ""), to.replace(/\s/g, ""));
});

test("what several places share is told of all, and the area of a notice leads to it", { skip }, async (t) => {
  const { page, context } = await device(t, place.hubs[0]);
  const ring = [[7.424, 43.7372], [7.4265, 43.7372], [7.4265, 43.738], [7.424, 43.738], [7.424, 43.7372]];
  const feature = (id, name, kind, geometry, more) => ({ type: "Feature", id, geometry, properties: { name, kind, ...more } });
  const spot = { type: "Point", coordinates: [7.4255, 43.7365] };
  const extra = [
    feature("x-1", "Upper <i>Hall</i>", "shelter", spot, { path: "/maps/p/x1", status: "open" }),
    feature("x-2", "Lower Hall", "food", spot, { path: "//elsewhere.example/" }),
    feature("x-4", "Middle Hall", "shelter", { type: "Point", coordinates: [7.42525, 43.7376] }, { number: 12 }),
    feature("x-3", "Boil water", "notice", { type: "Polygon", coordinates: [ring] }, { path: "/notices/" }),
  ];
  const said = { type: "FeatureCollection", features: extra, view: { center: [7.4255, 43.7375], zoom: 16 }, terms: [] };
  await context.route("**/api/v1/maps/map?**", (r) => r.fulfill({ json: said }));
  await page.goto(inTown);
  await drawn(page);
  await sign(page, /2 places: Upper <i>Hall<\/i>, Lower Hall/).click();
  await card(page).getByRole("button", { name: "Lower Hall · Food" }).click();
  await card(page).getByText("Lower Hall").waitFor();
  assert.equal(await card(page).getByRole("link").count(), 0, "it leads away from this place");
  await page.keyboard.press("Escape");
  await sign(page, /2 places/).click();
  await card(page).getByRole("button", { name: "Upper <i>Hall</i> · Shelter · Now open" }).click();
  assert.equal(await card(page).getByRole("link", { name: "More about it" }).getAttribute("href"), "/maps/p/x1");
  await page.keyboard.press("Escape");
  assert.equal(await sign(page, "12. Middle Hall · Shelter").innerText(), "12", "the area's sign hides it");
  await sign(page, /^Boil water/).click();
  await card(page).getByText("A notice is about this area").waitFor();
  await card(page).getByRole("link", { name: "More about it" }).click();
  await page.waitForURL("**/notices/");
});

test("where very many are, signs say how many, and lead nearer until each stands apart", { skip }, async (t) => {
  const { page, context } = await device(t, place.hubs[0]);
  const feature = (id, at, properties) => ({ type: "Feature", id, geometry: { type: "Point", coordinates: at }, properties });
  const near = Array.from({ length: 300 }, (_, i) => feature(`m-p${i}`, [7.42 + (i % 20) * 0.0005, 43.734 + Math.floor(i / 20) * 0.0004], { name: `Well ${i}`, kind: "water", number: i + 1 }));
  const features = near.concat(feature("many-1", [7.4275, 43.7355], { kind: "other", name: "", count: 900 }));
  await context.route("**/api/v1/maps/map?**", (r) => r.fulfill({ json: { type: "FeatureCollection", features, view: { center: [7.4255, 43.7375], zoom: 16 }, terms: [] } }));
  await page.goto(inTown);
  await drawn(page);
  const crowd = sign(page, /9\d\d places/);
  await crowd.waitFor();
  assert.ok((await page.locator(".sign").count()) < 60, "too many signs to be told apart");
  await crowd.click();
  await page.waitForURL((u) => Number(u.searchParams.get("zoom")) > 16);
});

test("without streets the places are there, and that is said until they come", { skip }, async (t) => {
  const { page, context } = await device(t, place.hubs[0]);
  await context.route("**/maps/tiles/**", (r) => r.abort());
  await page.goto(inTown);
  await page.getByText("The streets do not come just now").waitFor();
  await sign(page, /Harbor Hall/).click();
  await card(page).getByText("Harbor Hall").waitFor();
  await context.unroute("**/maps/tiles/**");
  await map(page).getByRole("button", { name: "Nearer" }).click();
  await page.getByText("The streets do not come just now").waitFor({ state: "hidden" });
});

for (const language of ["en", "ar"]) {
  test(`the map can be used by everybody: ${language}`, { skip }, async (t) => {
    const { page } = await device(t, place.hubs[0]);
    const wrong = [];
    await page.goto(`/~${language}/`);
    for (const size of [null, desktop]) {
      if (size) await page.setViewportSize(size);
      await page.goto(inTown);
      await drawn(page);
      wrong.push(...(await look(page, "the map")));
      await page.locator(".sign").first().click();
      wrong.push(...(await look(page, "the map with a card")));
    }
    assert.deepEqual(wrong, []);
    const box = await page.locator(".sign").first().boundingBox();
    assert.ok(box.width >= 44 && box.height >= 44);
  });
}

test("by night the streets are dark", { skip }, async (t) => {
  const { page } = await device(t, place.hubs[0]);
  const bright = () =>
    page.evaluate(() => {
      const canvas = document.querySelector("canvas.leaflet-tile-loaded, .leaflet-tile-loaded");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((sum, v, i) => (i % 4 < 3 ? sum + v : sum), 0) / (data.length * 0.75);
    });
  await page.goto(inTown);
  await drawn(page);
  assert.ok((await bright()) > 170);
  await page.emulateMedia({ colorScheme: "dark" });
  await eventually("it is dark", async () => (await bright()) < 90);
});

test("the map is there soon on a slow phone, and its script is small", { skip }, async (t) => {
  const { page: before, open } = await device(t, place.hubs[0]);
  await before.goto("/maps/"); // the browser itself has begun
  const took = [];
  for (let i = 0; i < 3; i++) {
    const { context, page } = await open(); // nothing is cached
    let bytes = 0;
    page.on("response", async (r) => {
      if (/\/a\/maps-map\.\w+\.js$/.test(r.url())) bytes = (await r.request().sizes()).responseBodySize;
    });
    const inside = await context.newCDPSession(page);
    await inside.send("Emulation.setCPUThrottlingRate", { rate: slower });
    await page.goto(inTown);
    await drawn(page);
    took.push(Math.round(await page.evaluate(() => performance.now())));
    assert.ok(bytes > 0 && bytes <= most, `${bytes} bytes, at most ${most}`);
    t.diagnostic(`the map's script: ${bytes} bytes`);
    await context.close();
  }
  t.diagnostic(`streets and signs: ${took.join(", ")} ms`);
  assert.ok(median(took) <= bound, `${took} ms, at most ${bound}`);
});
