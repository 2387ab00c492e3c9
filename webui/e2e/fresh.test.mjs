// How old it is what a page says that stays open.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./access.mjs";
import { device, town } from "./harness.mjs";
import { Neighbor, post } from "./people.mjs";

let place;
before(async () => (place = await town("Fire Station")));
after(() => place.stop());

/** Lets minutes go by on a page, at the pace at which it looks at its clock. */
async function minutes(page, n) {
  for (let i = 0; i < 4 * n; i++) {
    const asked = page.waitForEvent("requestfinished").catch(() => undefined);
    const failed = page.waitForEvent("requestfailed").catch(() => undefined);
    await page.clock.fastForward(15_000);
    await Promise.race([asked, failed]);
  }
}

test("an open page without its hub says so, its times count on, and both end when it is back", async (t) => {
  await new Neighbor(place.hubs[0], "Ana").says("water at the school");
  const { net, page } = await device(t, place.hubs[0]);
  await page.clock.install();
  await page.goto("/messages/town");
  const at = post(page, "water at the school").locator("time").first();
  const far = page.locator("#far");
  assert.match(await at.innerText(), /just now/);

  net.join(null);
  await minutes(page, 3);
  await far.getByText("No contact with this place").waitFor();
  await far.getByText(/[23] min ago/).waitFor();
  assert.match(await at.innerText(), /[23] min ago/);
  assert.equal(await far.getAttribute("role"), "status");
  assert.equal(await far.locator("b").getAttribute("aria-live"), "off", "each minute is read out");
  assert.deepEqual(await violations(page), []);

  net.join(place.hubs[0]);
  await minutes(page, 1);
  await far.locator("p").waitFor({ state: "hidden" });
  assert.match(await at.innerText(), /just now|1 min ago/); // by the hub's clock no time has passed
});

test("in Arabic ages are counted as its grammar has it", async (t) => {
  await new Neighbor(place.hubs[0], "Bo").says("bread at the church");
  const { net, page } = await device(t, place.hubs[0]);
  await page.clock.install();
  await page.goto("/~ar/messages/town");
  const at = post(page, "bread at the church").locator("time").first();
  net.join(null);
  await minutes(page, 2.25);
  await at.getByText("قبل دقيقتين").waitFor();
  await minutes(page, 2);
  await at.getByText("قبل 4 دقائق").waitFor();
});
