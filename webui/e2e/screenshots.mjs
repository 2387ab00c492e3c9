// Makes the pictures of the README's gallery: an afternoon in Millbrook, at three
// places, told by its posts. Run by "make screenshots", on a machine with fonts for
// Arabic and Chinese (Debian: fonts-dejavu-core, fonts-droid-fallback).
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gallery } from "./gallery.mjs";
import { demo, device, run, town } from "./harness.mjs";
import { Neighbor, compose, post, send, write } from "./people.mjs";
import { speak } from "./word.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "packaging", "screenshots");
const most = 40_000; // bytes of a picture
const phone = { width: 360, height: 720 };
const desktop = { width: 1000, height: 680 };
const screen = { width: 1280, height: 800 };
const sheet = { width: 600, height: 760 };

/** The day after today, so that no post is older than the community. */
const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

/** Who says what, where and when. Places are 0 Fire Station, 1 School, 2 Library. */
const story = [
  ["14:05", 0, "Marcus", "Power is out on both sides of the river. The station is open all night, with light and tea.", "town"],
  ["14:40", 1, "Ana Ruiz", "Water at the school until six. Bring your own bottles, there are none left.", "town"],
  ["15:10", 2, "Mrs. Okafor", "The library is warm. Children can stay here while you look for fuel.", "town"],
  ["15:32", 1, "Thùy", "Có ai ở phố Elm cần thuốc insulin không? Chúng tôi có tủ lạnh chạy bằng máy phát.", "town"],
  ["16:20", 0, "Jean-Baptiste", "Mwen gen yon kamyon. M ap pase nan tout ri yo a senkè.", "town"],
  ["16:45", 2, "Greta", "Whose dog is this? Brown, white paws, a green collar. She is at the library and wants her people.", "town"],
  ["17:20", 1, "Rosa", "Tengo dos camas libres y una estufa. Calle Elm 12, la puerta azul.", "Elm Street"],
  ["17:31", 0, "Hassan", "الجسر مغلق، خذوا الطريق القديم عبر التل.", "town"],
  ["17:40", 1, "Ana Ruiz", "Bread has come to the school too, two loaves a family.", "town"],
  ["18:02", 0, "Marcus", "The bridge is closed. Take the old road over the hill, and do not drive after dark.", "town"],
];
/** Who answers whom. */
const answers = [
  ["18:10", 0, "Lotte", "That is Bella! We are at the station and come over. Thank you, thank you.", "Greta"],
  ["18:21", 2, "Greta", "She has had supper. No hurry.", "Greta"],
];
const ends = "18:42";

/** What is called when everything is over, as in a test. */
const last = [];
const t = { after: (what) => last.unshift(what) };

/** Says at all places what time it is. */
const timeIs = (place, hour) => Promise.all(place.hubs.map((h) => run("clock", "set", `${day}T${hour}Z`, "--data", h.dir)));

/** Keeps what a page shows, from an element on if a selector names one. */
async function picture(page, name, size = phone, top = "html") {
  await page.setViewportSize(size);
  await page.evaluate((top) => {
    document.activeElement.blur();
    const from = document.querySelector(top);
    const band = document.querySelector("header").offsetHeight;
    scrollTo(0, from.getBoundingClientRect().top + scrollY - band - 40);
  }, top);
  await keep(page, join(folder, `${name}.webp`), most, [80, 60, 40, 20]);
}

/** What a page shows, as WebP in base64. Chromium is not able to say for a moment at times. */
async function capture(inside, quality) {
  for (let left = 3; ; left--) {
    try {
      return (await inside.send("Page.captureScreenshot", { format: "webp", quality })).data;
    } catch (e) {
      if (left === 0 || !/Unable to capture/.test(e.message)) throw e;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Keeps what a page shows in a file that is not too large, as good as that allows. */
async function keep(page, file, most = 24_000, qualities = [30, 15, 5]) {
  const inside = await page.context().newCDPSession(page);
  try {
    for (const quality of qualities) {
      const data = await capture(inside, quality);
      const bytes = Buffer.from(data, "base64");
      if (bytes.length > most) continue;
      writeFileSync(file, bytes);
      console.log(`${file}: ${bytes.length} bytes`);
      return;
    }
  } finally {
    await inside.detach();
  }
  throw new Error(`${file}: more than ${most} bytes at any quality`);
}

async function tell(place) {
  const people = new Map();
  const said = new Map();
  const say = async (hour, at, name, text, channel, more) => {
    await timeIs(place, hour);
    const key = `${name} at ${at}`;
    if (!people.has(key)) people.set(key, new Neighbor(place.hubs[at], name));
    const it = await people.get(key).says(text, channel, more);
    if (!said.has(name)) said.set(name, `${it.author.key}/${it.client_id}`);
  };
  for (const [hour, at, name, text, channel] of story) await say(hour, at, name, text, channel);
  for (const [hour, at, name, text, to] of answers) await say(hour, at, name, text, "town", { re: said.get(to) });
  await timeIs(place, ends);
}

/** The map of the made-up town. */
async function places() {
  const island = await demo();
  t.after(island.stop);
  const { page } = await device(t, island, { deviceScaleFactor: 1.5 });
  await page.goto("/maps/");
  await picture(page, "where-to-go", phone, "h1");
  await page.setViewportSize(phone);
  await page.goto("/maps/map");
  for (const [colorScheme, name] of [["light", "map"], ["dark", "map-dark"]]) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction(() => {
      const tiles = document.querySelectorAll(".leaflet-tile");
      return tiles.length > 0 && document.querySelectorAll(".leaflet-tile-loaded").length === tiles.length && document.querySelectorAll(".sign").length > 0;
    });
    await picture(page, name, phone, "h1");
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("link", { name: "Elm Street School" }).first().click();
  await page.waitForURL("**/maps/p/**");
  await picture(page, "shelter", phone, "h1");
}

async function main() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const place = await town("Fire Station", "School", "Library");
  t.after(place.stop);
  await tell(place);

  const { net, page } = await device(t, place.hubs[0], { deviceScaleFactor: 1.5 });
  await page.goto("/");
  await picture(page, "home");
  await picture(page, "home-desktop", desktop);
  await picture(page, "come-back", phone, "#again");
  await page.goto("/language");
  await picture(page, "languages");
  await page.goto("/~ar/");
  await picture(page, "home-arabic");
  await page.goto("/~en/");

  await write(page, "I can take four people to the clinic at seven. Meet me at the station.", "Lena");
  await page.goto("/code");
  await picture(page, "return-code");
  await page.getByRole("button", { name: "I have written them down" }).click();
  await page.waitForURL("**/?done=code*");
  await page.goto("/messages/town");
  await picture(page, "talk");
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "talk-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await post(page, "Whose dog").last().getByRole("link", { name: /repl/ }).click();
  await page.getByLabel("Your reply").waitFor();
  await picture(page, "replies");
  await new Neighbor(place.hubs[0], "Ines").says("Two more seats, in the blue van.");
  await page.goto("/messages/");
  await picture(page, "talks");
  await page.goto("/you");
  await picture(page, "you");
  await page.goto("/messages/search?q=school");
  await picture(page, "search");
  await page.goto("/messages/town");
  net.join(null);
  await compose(page, "The old road is free again, I came over it just now.");
  await send(page);
  await page.locator("#outbox li").waitFor();
  await picture(page, "not-sent-yet");
  net.join(place.hubs[0]);
  await post(page, "The old road is free").waitFor();

  const maria = await speak(t, place.hubs[0], { deviceScaleFactor: 1.5 });
  await page.goto("/");
  await picture(page, "official-top");
  await page.locator("#banner a").first().click();
  await page.waitForURL("**/notices/n/**");
  await picture(page, "official-notice");
  await page.goto("/notices/questions");
  await picture(page, "official-answer", phone, "h1");
  await maria.goto("/notices/new?t=road");
  await maria.locator("#text").fill("A tree lies across Oak Lane.");
  await picture(maria, "official-writing", phone, "h1");
  await page.goto("/kiosk"); // which asks Lena first, and signs her out
  await page.locator("main form button").click();
  await page.waitForURL("**/kiosk?done=*");
  await page.goto("/kiosk?sheet=1&stay=1");
  await picture(page, "wall", screen);
  await page.goto("/print");
  await page.emulateMedia({ media: "print" });
  await picture(page, "paper", sheet);
  await page.emulateMedia({ media: null });
  await places();
  await gallery(t, join(folder, "all"), keep);
}

try {
  await main();
} finally {
  for (const what of last) await what();
}
