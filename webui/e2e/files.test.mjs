// Files of places: looked at before they are taken over, taken back as one, written for other programs.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { look, walk } from "./access.mjs";
import { device, patience, phone, town } from "./harness.mjs";
import { coordinator } from "./word.mjs";

const shelters = `id,name,type,lat,lon,status,people,capacity,Interne Nummer
1,Hill School,shelter,44.47,-73.21,open,12,80,7
2,Église Saint-Marc,shelter,44.48,-73.22,closed,,50,8
3,Somewhere,shelter,,,open,,,9
4,Castle,castle,44.49,-73.2,busy,many,,10
`;

let place;
let maria;
let folder;
const ends = [];
const t = { after: (end) => ends.push(end) };

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "lamppost-files-"));
  place = await town("Fire Station");
  maria = await coordinator(t, place.hubs[0], "Maria Ortiz", "maps", "fire district");
});
after(async () => {
  for (const end of ends) await end();
  if (place) await place.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Presses a button whose form may lead to the same page again. */
const press = (page, button) => Promise.all([page.waitForEvent("load", { timeout: patience }), page.getByRole("button", { name: button, exact: true }).click()]);

/** Sends a file by the form, and waits for what would become of it. */
async function bring(page, name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  await page.goto("/maps/import");
  await page.locator("#file").setInputFiles(path);
  await press(page, "Look at it");
  for (let n = 0; n < 60 && (await page.getByText("The file is being read").count()); n++) await page.getByRole("link", { name: "Look again" }).click();
}

const says = async (page, ...all) => {
  const text = await page.locator("main").innerText();
  for (const one of all) assert.ok(text.includes(one), `${page.url()} does not say “${one}”: ${text}`);
};

test("a table is looked at, read otherwise, taken over, and taken back", async () => {
  await bring(maria, "shelters.csv", Buffer.from(shelters, "latin1"));
  await says(maria, "3 new", "1 left out", "line 4 · Somewhere: It does not say where it is.", "Église Saint-Marc", "Windows-1252", "Not taken over: Interne Nummer", "“castle” is no kind of place that is known here.");
  assert.deepEqual(await look(maria, "what would change"), []);
  await maria.locator("#column2").selectOption({ label: "Leave out" });
  await maria.locator("#kind").selectOption({ label: "Shelter" });
  await maria.locator("#list").fill("red cross");
  await press(maria, "Read it so");
  await says(maria, "3 new", "Castle Shelter");
  const { page: neighbor } = await device(t, place.hubs[0], { javaScriptEnabled: false });
  await neighbor.goto("/maps/");
  assert.equal(await neighbor.getByText("Hill School").count(), 0, "it is on the map before anybody has said so");
  await press(maria, "Take over 3 places");
  await says(maria, "red cross", "3 new", "1 left out");
  assert.deepEqual(await look(maria, "a file that was taken over"), []);
  await neighbor.goto("/maps/");
  await says(neighbor, "Hill School", "12 people there", "Église Saint-Marc");

  await bring(maria, "shelters 2.csv", shelters.replace("Hill School", "Hill School gym"));
  await maria.locator("#list").fill("red cross");
  await maria.locator("#kind").selectOption({ label: "Shelter" });
  await maria.locator("#column2").selectOption({ label: "Leave out" });
  await press(maria, "Read it so");
  await says(maria, "0 new", "1 changed", "2 as they are", "Name: Hill School gym Here now: Hill School");
  await press(maria, "Take over 1 place");
  await maria.getByText("Take it back", { exact: true }).click();
  await maria.getByRole("button", { name: "Yes, take it back" }).click();
  await says(maria, "Taken back");
  await neighbor.goto("/maps/");
  await says(neighbor, "Hill School");
  assert.equal(await neighbor.getByText("gym").count(), 0);
});

test("of so many places there is one list", async () => {
  const rows = Array.from({ length: 2000 }, (_, i) => `${i},Tap ${i},water,44.${String(40000 + i)},-73.2,open`);
  await bring(maria, "taps.csv", "id,name,type,lat,lon,status\n" + rows.join("\n") + "\n");
  await says(maria, "2000 new", "So many places become one list");
  assert.deepEqual(await look(maria, "what would become one list"), []);
  await press(maria, "Take over 2000 places");
  await says(maria, "taps", "2000 new");
  await maria.goto("/maps/?near=44.40007,-73.2");
  for (let n = 0; n < 60 && !(await maria.getByText("Tap 7", { exact: true }).count()); n++) await maria.reload();
  await says(maria, "Tap 7", "Now open");
  await bring(maria, "taps.csv", "id,name,type,lat,lon,status\n" + rows.slice(1).join("\n").replace("Tap 7,", "Tap seven,") + "\nx,Brook,water,44.5,-73.2,full\n");
  await says(maria, "1 new", "1 changed", "1998 as they are", "1 that is no more in the list", "Name: Tap seven Here now: Tap 7", "No more in the list", "Tap 0", "Brook");
  assert.deepEqual(await look(maria, "what would become of a list that is here"), []);
  await press(maria, "Throw the file away");
});

test("everybody can have the places as a file, which is the same when it comes again", async () => {
  const { page: neighbor } = await device(t, place.hubs[0]);
  await neighbor.goto("/maps/export");
  assert.deepEqual(await look(neighbor, "places as a file"), []);
  for (const end of ["geojson", "kml", "kmz", "gpx", "csv"]) {
    await neighbor.goto("/maps/export?kind=shelter");
    const [file] = await Promise.all([neighbor.waitForEvent("download"), neighbor.locator(`a[href*="places.${end}"]`).click()]);
    const path = join(folder, file.suggestedFilename());
    await file.saveAs(path);
    await bring(maria, `again.${end}`, readFileSync(path));
    await says(maria, "0 new", "0 changed", "3 as they are", "0 in conflict");
    await press(maria, "Throw the file away");
  }
});

test("the pages of files fit on a phone, and can be walked by keys", async () => {
  await maria.setViewportSize(phone);
  await bring(maria, "x.geojson", '{"type":"Feature","geometry":{"type":"Point","coordinates":[44.4,-73.2]},"properties":{"name":"Well"}}');
  assert.deepEqual(await look(maria, "a place that may be swapped"), []);
  assert.deepEqual(await walk(maria), []);
});
