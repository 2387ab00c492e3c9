// Every page for everybody: axe (WCAG 2.2 AA), labels, touch, large text, keyboard;
// light and dark, on a phone and on a desktop, from left to right and from right to left.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clipped, enlarge, look, moves, small, sticksOut, unlabelled, violations, walk } from "./access.mjs";
import { desktop, device, found, phone, site, town } from "./harness.mjs";
import { fill, known, stranger, visit, wandered } from "./pages.mjs";
import { Neighbor, compose, send, write } from "./people.mjs";

let place, unset, met;
before(async () => {
  [place, unset, met] = await Promise.all([town("Fire Station", "School"), found(["Clinic"]), found(["Library"], "--portal", "--trust-clock")]);
  await fill(place.hubs[0]);
});
after(() => Promise.all([place.stop(), unset.stop(), met.stop()]));

for (const language of ["en", "ar"]) {
  test(`every page can be used by everybody: ${language}`, async (t) => {
    const { page, open } = await device(t, place.hubs[0]);
    await write(page, `hello in ${language}`, "Ana");
    const alone = (await open()).page;
    const wrong = [];
    for (const [reader, pages] of [[page, known], [alone, stranger]]) {
      await reader.goto(`/~${language}/`);
      for (const one of pages) {
        await visit(reader, one, language);
        assert.equal(await reader.getAttribute("html", "lang"), language, one.name);
        wrong.push(...(await look(reader, one.name)));
      }
    }
    assert.deepEqual(wrong, []);
  });
}

for (const language of ["en", "es", "fr", "ht", "vi", "zh-Hans", "ar"]) {
  test(`all words can be read to their end on a phone, also twice as large: ${language}`, async (t) => {
    const { page } = await device(t, place.hubs[0]);
    await page.goto(`/~${language}/`);
    const wrong = [];
    const read = async (path) => {
      for (const size of ["100%", "200%"]) {
        await page.goto(path);
        if (size === "200%") await enlarge(page);
        for (const c of await clipped(page)) wrong.push(`${path}, ${size}: ${c}`);
      }
    };
    await read("/you");
    const asked = await new Neighbor(place.hubs[0], "Cem").says("Who has seen a brown dog with white paws and a green collar near the school?");
    await write(page, `to be read in ${language}`, "Ana");
    await new Neighbor(place.hubs[0], "Dee").says("At the library.", "town", { re: `${asked.author.key}/${asked.client_id}` });
    for (const path of ["/", "/messages/town", "/you"]) await read(path);
    assert.deepEqual(wrong, []);
  });
}

for (const language of ["en", "ar"]) {
  test(`the way in and what waits to go out can be used by everybody: ${language}`, async (t) => {
    const { context, net, page } = await device(t, met.hubs[0]);
    const wrong = [];
    await page.goto(`/~${language}/`);
    for (const path of ["/", "/ok"]) {
      await page.goto(path);
      await page.locator("#again").waitFor();
      wrong.push(...(await look(page, `met, ${path}`)));
    }
    await context.addCookies([{ name: "lp_other1", value: "x", url: site }]);
    for (const one of wandered) {
      await visit(page, one);
      await page.locator("[name=code]").waitFor();
      wrong.push(...(await look(page, one.name)));
    }
    await write(page, `sent in ${language}`, "Ana");
    net.join(null);
    await compose(page, "it has to wait");
    await send(page);
    await page.locator("#outbox li").waitFor();
    wrong.push(...(await look(page, "what waits")));
    net.join(met.hubs[0]);
    await context.clearCookies();
    await page.goto(`/~${language}/messages/town`);
    await page.locator("#outbox [data-other]").waitFor();
    wrong.push(...(await look(page, "what another wrote waits")));
    assert.equal(await page.getAttribute("html", "lang"), language);
    assert.deepEqual(wrong, []);
  });
}

test("a place that does not know the time can be used by everybody", async (t) => {
  const { page } = await device(t, unset.hubs[0]);
  await write(page, "what time is it", "Ana");
  const wrong = [];
  for (const one of known.filter((p) => ["home", "talk", "clock"].includes(p.name))) {
    await visit(page, one);
    await page.getByText("Time uncertain").first().waitFor();
    wrong.push(...(await look(page, `${one.name}, time uncertain`)));
  }
  assert.deepEqual(wrong, []);
});

test("the Tab key leads through every page, in its order, and shows where it is", async (t) => {
  const still = { javaScriptEnabled: false }; // nothing changes on the way
  const { page, open } = await device(t, place.hubs[0], still);
  await write(page, "by hand", "Ana");
  const alone = (await open({ viewport: desktop })).page;
  const wrong = [];
  for (const [reader, pages] of [[page, known], [alone, stranger]]) {
    for (const one of pages) {
      await visit(reader, one);
      wrong.push(...(await walk(reader)).map((w) => `${one.name}: ${w}`));
    }
  }
  assert.deepEqual(wrong, []);
});

/** The items of lists, and QR codes, that the bottom of a screen cuts in the middle. */
const cut = (page) =>
  page.locator("main li, main .qr").evaluateAll((all) => {
    const bottom = document.querySelector("main").getBoundingClientRect().bottom;
    const seen = all.map((li) => [li, li.getBoundingClientRect(), li.parentElement.getBoundingClientRect()]);
    const over = seen.filter(([, li, list]) => li.left < list.right - 1 && li.top < bottom - 1 && li.bottom > bottom + 1);
    return over.map(([li]) => li.innerText || li.className);
  });

// axe forbids pages that turn by themselves; WCAG 2.2.1 allows them where that can be stopped.
test("the screen on the wall turns its pages, which one link stops", async (t) => {
  const { page } = await device(t, place.hubs[0], { viewport: desktop });
  await page.goto("/kiosk");
  const turning = page.locator("body[data-turn]");
  assert.equal(await turning.getAttribute("data-next"), "/kiosk?sheet=1");
  const wrong = [];
  for (let sheet = 0, next = ""; !next.endsWith("=0"); sheet++) {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`/kiosk?sheet=${sheet}`); // it turns while one looks
      next = await turning.getAttribute("data-next");
      for (const v of await violations(page, "meta-refresh")) wrong.push(`sheet ${sheet}, ${colorScheme}: ${v}`);
      for (const item of await cut(page)) wrong.push(`sheet ${sheet}: is cut at the bottom: ${item}`);
    }
  }
  assert.deepEqual(wrong, []);
  await page.getByRole("link", { name: "Stay on this page" }).click();
  await page.waitForURL(/stay=1/);
  assert.equal(await turning.count(), 0);
});

test("what goes on paper can be read by everybody", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await write(page, "on paper", "Ana");
  const wrong = [];
  for (const path of ["/print", "/print/new", "/code", "/code?qr=1"]) {
    await page.goto(path);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ media: "print", colorScheme });
      for (const v of await violations(page)) wrong.push(`${path}, ${colorScheme}: ${v}`);
    }
    await page.emulateMedia({ media: null });
  }
  assert.deepEqual(wrong, []);
});

test("the first stop of the Tab key skips to the page", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await page.goto("/messages/town");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "#main");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement.matches("main *")));
});

test("the checks find what is wrong", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await page.setContent(`<html lang="en"><title>x</title><main>
    <input placeholder="Your name" aria-label="Your name" style="height:20px">
    <label for="b" style="position:absolute;left:-999em">Hidden</label><input id="b">
    <p style="color:#aaa;background:#fff">faint</p><p style="width:900px;background:#eee">wide</p>
    <p style="transition:all 1s">slides</p><a href="#x" style="outline:0">no ring</a><a href="#y" tabindex="1">out of order</a>
    <p style="width:60px;overflow:hidden;white-space:nowrap">said to the end</p>
    <a class="button" style="display:inline-block;width:110px;min-height:48px;word-break:break-all">All of the conversation</a></main>`);
  const cut = (await clipped(page)).join("\n");
  assert.match(cut, /"said to the end" is cut off/);
  assert.match(cut, /"conversation" is broken in two/);
  assert.equal((await unlabelled(page)).length, 2);
  assert.equal((await small(page)).length, 2);
  assert.match((await violations(page)).join("\n"), /color-contrast/);
  assert.doesNotMatch((await violations(page, "color-contrast")).join("\n"), /color-contrast/);
  assert.match((await moves(page)).join("\n"), /^<p[^>]*>slides<\/p>$/);
  assert.match((await sticksOut(page)).join("\n"), /wide/);
  const walked = (await walk(page)).join("\n");
  assert.match(walked, /shows no focus.*no ring/);
  assert.match(walked, /another order|cannot be reached: .*out of order/);
});
