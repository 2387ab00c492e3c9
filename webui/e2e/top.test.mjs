// What tops every page, as it comes to one that is open.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, town } from "./harness.mjs";
import { Neighbor } from "./people.mjs";

let place;
before(async () => {
  place = await town("Fire Station");
  for (let i = 0; i < 20; i++) await new Neighbor(place.hubs[0], `Ana ${i}`).says(`line ${i}.\n\n\nand its end`);
});
after(() => place.stop());

const boil = `<p data-say="Water">Boil your water</p><p>said <time datetime="2026-11-22T18:00:00Z">Nov 22</time>, <a href="/messages/">why</a></p>`;

/** A page that is open, and what has the place say something above it from then on. */
async function open(t, path) {
  const { page } = await device(t, place.hubs[0]);
  await page.addInitScript(() => {
    const real = window.fetch;
    window.place = { says: "", attribute: "", asked: 0 };
    window.fetch = async (what, how) => {
      const r = await real(what, how);
      if (!how?.headers?.["Lamppost-Part"]) return r;
      const body = (await r.text()).replace(/<div id="banner".*<\/div>/, `<div id="banner"${window.place.attribute}>${window.place.says}</div>`);
      window.place.asked++;
      return new Response(body, { status: r.status, headers: r.headers });
    };
  });
  await page.goto(path);
  const asked = (n) => page.waitForFunction((n) => window.place.asked >= n, n);
  await asked(1); // when the live socket is open
  return {
    page,
    asked,
    count: () => page.evaluate(() => window.place.asked),
    banner: page.locator("#banner"),
    said: page.locator("#said"),
    say: async (says, attribute = "") => {
      const n = await page.evaluate(([says, attribute]) => {
        Object.assign(window.place, { says, attribute });
        return window.place.asked;
      }, [says, attribute]);
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await asked(n + 1);
    },
  };
}

test("what comes to tops an open page, is read out once, and goes when it is over", async (t) => {
  const { page, banner, said, say } = await open(t, "/messages/town");
  await say(boil);
  await banner.getByText("Boil your water").waitFor();
  await said.getByText("Boil your water").waitFor();
  assert.equal(await said.evaluate((s) => getComputedStyle(s).clip), "rect(0px, 0px, 0px, 0px)", "it stands there twice");
  await said.getByText("Boil your water").waitFor({ state: "detached" });
  await say(boil.replace("Nov 22", "Nov 23"));
  await new Neighbor(place.hubs[0], "Bo").says("afterwards");
  await page.getByText("afterwards").first().waitFor();
  assert.match(await banner.innerText(), /Nov 22/, "it was replaced for a time that counts on by itself");
  assert.doesNotMatch(await said.innerText(), /Boil/);
  await say("");
  await banner.getByText("Boil your water").waitFor({ state: "detached" });
});

test("what somebody reads further down stays where it is, and a button leads up", async (t) => {
  const { page, banner, said, say } = await open(t, "/messages/town");
  const line = page.getByText("line 3.").first();
  await line.scrollIntoViewIfNeeded();
  const before = (await line.boundingBox()).y;
  await say(boil.repeat(3));
  await said.getByRole("button", { name: "Water" }).waitFor();
  assert.ok(Math.abs((await line.boundingBox()).y - before) < 2, "the page moved under its reader");
  await said.getByRole("button").click();
  await page.waitForFunction(() => document.querySelector("#banner").getBoundingClientRect().top >= 0);
  assert.ok(await banner.isVisible());
});

test("the keyboard does not lose its place in it", async (t) => {
  const { page, banner, say } = await open(t, "/messages/town");
  await say(boil);
  await banner.getByRole("link").focus();
  await say(boil.replace("Boil your water", "The water is safe"));
  await banner.getByText("The water is safe").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "why");
});

test("a page is asked for again when time alone has made it stale", async (t) => {
  const { page, banner, say, asked, count } = await open(t, "/messages/town");
  await page.clock.install();
  await say(boil, ' data-stale="100"');
  await banner.getByText("Boil your water").waitFor();
  const before = await count();
  await page.clock.fastForward(101_000);
  await asked(before + 1);
});
