// How soon something is to be seen on an old phone at the edge of the Wi-Fi.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, town } from "./harness.mjs";
import { crowd, median, upTo } from "./people.mjs";

const slower = 6; // times, than this machine's processor
const line = { offline: false, latency: 150, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 }; // ms, bytes a second
const bound = 1500; // ms

let place;
before(async () => {
  place = await town("Fire Station");
  await crowd(place.hubs[0], upTo(25).map((i) => `${i}. ${"Water at the school until six, bread at the church. ".repeat(2)}`.slice(0, 80)));
});
after(() => place.stop());

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
