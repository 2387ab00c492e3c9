// Tab and Enter alone: a whole talk by keyboard, and where the focus is while posts arrive.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { desktop, device, eventually, town, ways } from "./harness.mjs";
import { Neighbor, compose, crowd, post, upTo, write } from "./people.mjs";

let place;
before(async () => (place = await town("Fire Station")));
after(() => place.stop());

/** What has the focus: its words, and whether that shows. */
const focus = (page) =>
  page.evaluate(() => {
    const e = document.activeElement;
    const style = getComputedStyle(e);
    return {
      words: e === document.body ? "" : (e.labels?.[0] ?? e).innerText.trim() || e.getAttribute("aria-label"),
      ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
    };
  });

/** Presses Tab until the focus is on what says this, as whoever cannot use a mouse does. */
async function tabTo(page, words) {
  const met = [];
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const at = await focus(page);
    assert.ok(at.ring || !at.words, `“${at.words}” has the focus and does not show it`);
    if (words.test(at.words)) return;
    met.push(at.words);
  }
  assert.fail(`${words} cannot be reached: ${met.join(" | ")}`);
}

/** Presses Enter on what has the focus, and waits for the page that comes. */
async function enter(page, url) {
  await page.keyboard.press("Enter");
  await page.waitForURL(url);
  await page.waitForLoadState();
}

for (const [how, options] of ways) {
  test(`by keyboard alone somebody writes, replies, changes and takes back: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], { ...options, viewport: desktop });
    await page.goto("/");
    await tabTo(page, /^Talk$/);
    await enter(page, "**/messages/");
    await tabTo(page, /^Town talk/);
    await enter(page, "**/messages/town");
    await tabTo(page, /^Write a post$/);
    await page.keyboard.press("Enter");
    await tabTo(page, /^Your post$/);
    await page.keyboard.type(`typed blind, ${how}`);
    await tabTo(page, /^Your name/);
    await page.keyboard.type("Kit");
    await tabTo(page, /^Post$/);
    await page.keyboard.press("Enter");
    await post(page, `typed blind, ${how}`).waitFor();
    await page.waitForLoadState();

    await page.goto("/messages/town");
    await tabTo(page, /^Write a post$/);
    await tabTo(page, /^Reply$/);
    await enter(page, /\/messages\/town\/.*/);
    await tabTo(page, /^Your reply$/);
    await page.keyboard.type(`to myself, ${how}`);
    await tabTo(page, /^Post$/);
    await page.keyboard.press("Enter");
    await post(page, `to myself, ${how}`).waitFor();

    await page.goto("/messages/town");
    await tabTo(page, /^Change$/);
    await enter(page, "**/edit");
    await tabTo(page, /^Your post$/);
    await page.keyboard.press("End");
    await page.keyboard.type(", changed");
    await tabTo(page, /^Save$/);
    await enter(page, (u) => !u.pathname.endsWith("/edit"));
    await page.getByText(`to myself, ${how}, changed`).first().waitFor();

    await page.goto("/messages/town");
    await tabTo(page, /^Change$/);
    await enter(page, "**/edit");
    await tabTo(page, /^Take it back$/);
    await page.keyboard.press("Enter");
    await tabTo(page, /^Yes, take it back$/);
    await enter(page, (u) => !u.pathname.endsWith("/edit"));
    await page.goto("/messages/town");
    assert.equal(await page.getByText(`to myself, ${how}`).count(), 0);
  });
}

/** Opens a page and waits until it hears of new posts. */
async function listening(page, path) {
  const live = page.waitForEvent("websocket").then((ws) => ws.waitForEvent("framereceived"));
  await page.goto(path);
  await live;
}

test("the focus stays where it is while posts arrive", async (t) => {
  const channel = "stay";
  await crowd(place.hubs[0], upTo(8).map((i) => `line ${i}.`), channel);
  const { page } = await device(t, place.hubs[0], { viewport: desktop });
  await listening(page, `/messages/${channel}`);
  const gus = new Neighbor(place.hubs[0], "Gus");
  const stays = async (what, at) => {
    await at.focus();
    await gus.says(`news past ${what}`, channel);
    await post(page, `news past ${what}`).waitFor({ state: "attached" });
    assert.ok(await at.evaluate((e) => e === document.activeElement), `${what} has lost the focus`);
  };
  await stays("a link of a post", post(page, "line 5.").getByRole("link", { name: "Reply" }));
  await stays("the newest post", post(page, "news past a link of a post").getByRole("link", { name: "Reply" }));
  await compose(page, "half a thought");
  await stays("the text", page.getByLabel("Your post"));
  assert.equal(await page.getByLabel("Your post").inputValue(), "half a thought");
});

test("the focus goes on where something was pressed that goes away", async (t) => {
  const channel = "onward";
  await crowd(place.hubs[0], upTo(25).map((i) => `line ${i}. ${"More of it. ".repeat(9)}`), channel);
  const { net, page } = await device(t, place.hubs[0]);
  await write(page, "I am Ona", "Ona");
  await listening(page, `/messages/${channel}`);

  await compose(page, "by hand");
  await tabTo(page, /^Post$/);
  await page.keyboard.press("Enter");
  await post(page, "by hand").waitFor();
  assert.match((await focus(page)).words, /^Write a post$/, "after a post that went out");

  await post(page, "line 5.").evaluate((li) => li.scrollIntoView());
  await new Neighbor(place.hubs[0], "Gus").says("far above", channel);
  await page.getByRole("button", { name: "There is a new post" }).focus();
  await page.keyboard.press("Enter");
  assert.ok(await page.evaluate(() => document.getElementById("posts").contains(document.activeElement)), "after the way to what is new");

  net.join(null);
  await page.clock.install();
  for (const text of ["waits one", "waits two"]) {
    await compose(page, text);
    await tabTo(page, /^Post$/);
    await page.keyboard.press("Enter");
    await page.locator("#outbox li", { hasText: text }).waitFor();
    await page.clock.fastForward(100);
  }
  const discard = page.locator("#outbox").getByRole("button", { name: "Discard" });
  await discard.last().focus();
  for (let i = 0; i < 3; i++) await page.clock.fastForward(11_000);
  assert.ok(await discard.last().evaluate((e) => e === document.activeElement), "a try to send takes the focus away");
  await page.keyboard.press("Enter");
  await eventually("one is discarded", async () => (await discard.count()) === 1);
  assert.match((await focus(page)).words, /^Discard$/, "after one was discarded");
  await page.keyboard.press("Enter");
  await page.locator("#outbox").waitFor({ state: "hidden" });
  assert.match((await focus(page)).words, /^Write a post$/, "after the last was discarded");
});

test("twenty new posts are read out once", async (t) => {
  const channel = "quiet";
  await crowd(place.hubs[0], ["the first"], channel);
  const { page } = await device(t, place.hubs[0]);
  await listening(page, `/messages/${channel}`);
  const polite = page.locator("[role=status]:not(#far), [role=log], [aria-live=polite], output");
  assert.equal(await polite.count(), 1, "more than one place speaks");
  await page.locator("#far p").waitFor({ state: "hidden" }); // speaks only of a place out of reach
  assert.equal(await page.locator("[role=alert], [aria-live=assertive]").count(), 0);
  await polite.evaluate((line) => {
    window.heard = [];
    new MutationObserver(() => line.textContent && window.heard.push(line.textContent)).observe(line, { childList: true, subtree: true, characterData: true });
  });
  await crowd(place.hubs[0], upTo(20).map((i) => `word ${i}.`), channel);
  await post(page, "word 20.").waitFor();
  const said = await page.evaluate(() => window.heard);
  assert.match(said.join("\n"), /^There (is a new post|are new posts)\.$/);

  await page.locator("#posts > li").last().evaluate((li) => scrollTo(0, scrollY + li.getBoundingClientRect().top - 100));
  await page.evaluate(() => (window.heard.length = 0));
  await crowd(place.hubs[0], upTo(20).map((i) => `more ${i}.`), channel);
  await post(page, "more 20.").waitFor({ state: "attached" });
  const heard = await page.evaluate(() => window.heard);
  assert.ok(heard.length >= 1 && heard.length <= 2, `it says ${heard.join(" | ")}`);
});
