// The official word: written at the box in a few taps, and on top of every page of everybody else.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { violations } from "./access.mjs";
import { device, eventually, launch, patience, phone, run, town, ways } from "./harness.mjs";

let place, hub, words;
before(async () => {
  place = await town("Fire Station 4", "Hill School");
  hub = place.hubs[0];
  const cards = await run("roster", "cards", "1", "--roles", "notices", "--area", "fire district", "--name", "Maria Ortiz",
    "--sheets", join(hub.dir, "roots.txt"), "--yes", "--data", hub.dir);
  const numbered = [...cards.matchAll(/([1-6])\. ([a-z-]+)/g)].map((m) => [Number(m[1]), m[2]]);
  words = numbered.sort((a, b) => a[0] - b[0]).map((n) => n[1]).slice(0, 6).join(" ");
});
after(() => place.stop());

/** A coordinator's browser on the hub's own machine, signed in. */
async function atTheBox(t, options) {
  const browser = await launch();
  t.after(() => browser.close());
  const context = await browser.newContext({ viewport: phone, baseURL: `http://localhost:${hub.http}`, locale: "en-US", ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  await page.goto("/return");
  await page.locator("[name=code]").fill(words);
  await page.locator("form:has([name=code]) button").click();
  await page.getByText("Welcome back").waitFor();
  return page;
}

for (const [how, options] of ways) {
  test(`from a template to a notice in four taps and one sentence, and seen at another place: ${how}`, async (t) => {
    const reader = await device(t, place.hubs[1], options);
    await reader.page.goto("/messages/town");
    const page = await atTheBox(t, options);
    await page.goto("/");
    const begun = Date.now();
    let taps = 0;
    const tap = async (what) => {
      taps++;
      await what.click();
    };
    await tap(page.locator("nav").getByRole("link", { name: "Notices" }));
    await tap(page.getByRole("link", { name: "Write a notice" }));
    await tap(page.locator(".doors").getByRole("link", { name: "Road closed" }));
    await page.getByLabel("One sentence").fill(`Main Street, ${how}`);
    await tap(page.getByRole("button", { name: "Release it now" }));
    await page.locator("h1", { hasText: "Road closed" }).waitFor();
    t.diagnostic(`${taps} taps, ${Date.now() - begun} ms`);
    assert.ok(taps <= 5);

    const banner = reader.page.locator("#banner");
    if (options.javaScriptEnabled === false) {
      for (let i = 0; i < 60 && (await banner.getByText(how).count()) === 0; i++) await reader.page.reload();
    }
    await banner.getByText(`Main Street, ${how}`).waitFor();
    await banner.getByText("From Maria Ortiz, fire district · checked by this place").waitFor();
    await banner.getByRole("link", { name: "Road closed" }).click();
    await eventually("it says where it has got to", async () => { // places tell once a minute
      await reader.page.reload();
      return (await reader.page.getByText("Reached 2 of 2 places").count()) > 0;
    }, 3 * patience);
  });

  test(`a question is asked at one place and answered at another: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[1], options);
    await page.goto("/notices/questions");
    const ask = page.locator("details.write:not([open]) > summary");
    if (await ask.count()) await ask.click();
    await page.getByLabel("Is it true that …").fill(`the dam is broken, ${how}?`);
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByText("Nobody has answered yet.").waitFor();

    const box = await atTheBox(t, options);
    for (let i = 0; i < 60; i++) {
      await box.goto(new URL(page.url()).pathname.replace(/^\/~[^/]*/, ""));
      if (await box.getByLabel("Not true").count()) break;
    }
    await box.getByLabel("Not true").check();
    await box.getByLabel("One sentence").fill("It holds.");
    await box.getByRole("button", { name: "Answer" }).click();
    await box.locator(".word", { hasText: "It holds." }).first().waitFor();
    for (let i = 0; i < 60 && (await page.getByText("It holds.").count()) === 0; i++) await page.reload();
    const answer = page.locator("section .word");
    await answer.getByText("Not true").waitFor();
    assert.equal(await answer.getByText("the dam is broken").count(), 0, "what was asked stands within the answer's frame");
  });
}

test("the pages of coordinators are for everybody", async (t) => {
  const page = await atTheBox(t, {});
  const wrong = [];
  for (const path of ["/notices/", "/notices/new", "/notices/new?t=evacuate", "/notices/new?t=other", "/notices/drafts", "/notices/templates", "/notices/questions"]) {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.goto(path);
      await page.evaluate(() => document.querySelectorAll("main details").forEach((d) => (d.open = true)));
      for (const v of await violations(page)) wrong.push(`${path}, ${colorScheme}: ${v}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} is wider than the screen`);
    }
  }
  assert.deepEqual(wrong, []);
});
