// How soon something is to be seen on an old phone at the edge of the Wi-Fi, while a notice tops every page.
import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { device, site, town } from "./harness.mjs";
import { crowd, median, upTo, write } from "./people.mjs";
import { coordinator, release } from "./word.mjs";

const slower = 6; // times, than this machine's processor
const line = { offline: false, latency: 150, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 }; // ms, bytes a second
const bound = 1500; // ms
const window = 14_000; // bytes: one of TCP

/** What the nth neighbor says: 80 characters that gzip does no better with than with what people write. */
function says(n) {
  let text = "";
  for (let state = n; text.length < 80; ) {
    for (let syllables = 1 + (state % 3); syllables >= 0; syllables--) {
      state = (state * 48271) % 0x7fffffff; // Park and Miller's minimal standard
      text += "bcdfghjklmnprstvwz"[state % 18] + "aeiou"[(state >> 8) % 5];
    }
    text += " ";
  }
  return text.slice(0, 80);
}

let place;
const ends = [];
before(async () => {
  place = await town("Fire Station");
  const maria = await coordinator({ after: (end) => ends.push(end) }, place.hubs[0], "Maria Ortiz", "notices", "fire district");
  await release(maria, "boil-water", "It is brown on Elm Street and on Oak Lane, and comes from the broken main.");
  await release(maria, "shelter", "In the school, from six on.");
  await crowd(place.hubs[0], upTo(25).map(says));
});
after(async () => {
  for (const end of ends) await end();
  await place.stop();
});

/** What comes over the line when somebody asks for something, in bytes without its head. */
const weigh = (at, cookie) =>
  new Promise((done, fail) => {
    const headers = { "Accept-Encoding": "gzip", Host: new URL(site).host, cookie };
    const asked = get(at, { headers }, async (r) => {
      const pieces = await r.toArray();
      if (r.statusCode !== 200) return fail(new Error(`${at}: ${r.statusCode}`));
      done(Buffer.concat(pieces).length);
    });
    asked.on("error", fail);
  });

for (const language of ["en", "ar"]) {
  test(`the first view comes at once: ${language}`, async (t) => {
    const { page, context } = await device(t, place.hubs[0]);
    await write(page, "I can take four people to the clinic at seven.", "Lena");
    await page.goto(`/~${language}/`);
    for (const path of ["/", "/messages/town"]) {
      await page.goto(path);
      assert.equal(await page.getAttribute("html", "lang"), language);
      assert.equal(await page.locator("#banner .word").count(), 1);
      const brings = await page.evaluate(() => [...document.querySelectorAll("link[href], script[src]")].map((e) => new URL(e.href || e.src).pathname));
      assert.ok(brings.some((b) => b.endsWith(".js")) && brings.some((b) => b.endsWith(".css")), `${brings}`);
      const cookie = (await context.cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
      const bytes = await Promise.all([path, ...new Set(brings)].map((one) => weigh(place.hubs[0].url + one, cookie)));
      const sum = bytes.reduce((a, b) => a + b);
      t.diagnostic(`${path}: ${sum} bytes: ${bytes.join(" + ")}`);
      assert.ok(sum <= window, `${path} takes ${sum} bytes, at most ${window}`);
    }
  });
}

for (const path of ["/", "/messages/town"]) {
  test(`first paint of ${path} on a phone six times slower at 400 kbit/s`, async (t) => {
    const { open, page: before } = await device(t, place.hubs[0]);
    await before.goto(path); // the browser itself has begun
    const took = [];
    for (let i = 0; i < 3; i++) {
      const { context, page } = await open(); // nothing is cached
      const inside = await context.newCDPSession(page);
      await inside.send("Network.enable");
      await inside.send("Network.emulateNetworkConditions", line);
      await inside.send("Emulation.setCPUThrottlingRate", { rate: slower });
      await page.goto(path);
      took.push(
        await page.evaluate(
          () =>
            new Promise((done) => {
              const seen = (list) => list.getEntriesByName("first-contentful-paint").forEach((e) => done(Math.round(e.startTime)));
              new PerformanceObserver(seen).observe({ type: "paint", buffered: true });
            }),
        ),
      );
      await context.close();
    }
    t.diagnostic(`first contentful paint: ${took.join(", ")} ms`);
    assert.ok(median(took) < bound, `${took} ms, at most ${bound}`);
  });
}
