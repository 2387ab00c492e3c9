// Reading and writing, with a hub in reach.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { desktop, device, patience, town, ways } from "./harness.mjs";
import { Neighbor, compose, crowd, post, posts, send, upTo, write } from "./people.mjs";

let place;
before(async () => (place = await town("Fire Station", "School")));
after(() => place.stop());

for (const [how, options] of ways) {
  test(`somebody new writes, and writes again: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    const words = `water at the school, ${how}`;
    await write(page, words, "Ana");
    assert.match(await post(page, words).innerText(), /^Ana\b/);
    await page.getByText("Write down your return code.").waitFor();

    await write(page, `and bread, ${how}`);
    assert.match(await post(page, `and bread, ${how}`).innerText(), /^Ana\b/);
    await page.reload();
    assert.equal(await post(page, words).count(), 1);
    assert.equal(await post(page, `and bread, ${how}`).count(), 1);
  });

  test(`what is wrong is said in words, and nothing is lost: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/messages/town");
    const words = `the clinic is open, ${how}`;
    await compose(page, words, "Fire Department");
    await send(page);
    await page.locator(".problem").getByText("sounds official").waitFor();
    assert.equal(await page.getByLabel("Your post").inputValue(), words);
    await page.getByLabel("Your name").fill("Dee");
    await send(page);
    await post(page, words).waitFor();
  });

  test(`markup, addresses and tricks with letters stay text: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    const tricks = `<img src=x onerror=alert(1)> [x](javascript:alert(1)) https://example.com ${"\u0301".repeat(3)} ${how}`;
    page.on("dialog", () => assert.fail("a post ran"));
    await write(page, tricks, "Eve\u202e");
    const li = post(page, "javascript:alert(1)").first();
    assert.equal(await li.locator("img").count(), 0);
    assert.equal(await li.getByRole("link").filter({ hasText: /javascript|example/ }).count(), 0);
    assert.match(await li.innerText(), /<img src=x onerror=alert\(1\)>/);
  });

  test(`the address of a place becomes a link, and no other: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await write(page, `all of it: http://lamppost.internal/messages/?x=${how.length}. Not http://lamppost.internal.example.com/ or https://lamppost.internal/`, "Lin");
    const links = post(page, "all of it").first().locator(".text a");
    assert.deepEqual(await links.allTextContents(), [`http://lamppost.internal/messages/?x=${how.length}`]);
    await links.click();
    await page.waitForURL((u) => u.pathname === "/messages/");
    await page.goto("/you");
    await page.getByText("Here you are Lin").waitFor();
  });

  test(`pages back to the first post, and forward to the newest: ${how}`, async (t) => {
    const channel = `back ${how}`;
    await crowd(place.hubs[0], upTo(60).map((i) => `post number ${i}.`), channel);
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/messages/" + encodeURIComponent(channel));
    const seen = [];
    for (;;) {
      seen.push(...(await posts(page).locator(".text").allTextContents()));
      const older = page.getByRole("link", { name: "Older posts" });
      if ((await older.count()) === 0) break;
      await older.click();
      await page.waitForURL(/before=/);
      await page.waitForLoadState();
    }
    assert.deepEqual(seen.map((s) => Number(/\d+/.exec(s))), upTo(60).reverse());
    await page.getByRole("link", { name: "Back to the newest" }).click();
    await post(page, "post number 60.").waitFor();
  });
}

test("a first post shows on the page that its form leads to, and not on the one that goes away", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  const words = "nobody is interrupted while reading this";
  await page.goto("/messages/town");
  await compose(page, words, "Zoe");
  await page.evaluate((words) => {
    const list = document.getElementById("posts");
    new MutationObserver(() => list.innerText.includes(words) && sessionStorage.setItem("early", "yes")).observe(list, { childList: true });
  }, words);
  net.holds = /^POST /;
  const pressed = send(page); // which may wait for the page that comes
  const reader = (await device(t, place.hubs[0])).page;
  await reader.goto("/messages/town");
  await post(reader, words).waitFor(); // the page that goes away has heard of it too
  net.release();
  await pressed;
  await post(page, words).waitFor();
  await page.goto("/");
  assert.equal(await page.evaluate(() => sessionStorage.getItem("early")), null);
});

/** When the page's reader presses Post the next time, and when the page shows a text, in ms. */
const pressed = (page) => page.evaluate(() => new Promise((done) => addEventListener("submit", () => done(Date.now()), { capture: true, once: true })));
const shown = (page, text) =>
  page.evaluate((text) => {
    const there = () => document.querySelector("#posts").textContent.includes(text);
    return new Promise((done) => new MutationObserver(() => there() && done(Date.now())).observe(document.body, { childList: true, subtree: true }));
  }, text);

test("two browsers at two places see each other's posts within a second, without a reload", { timeout: 4 * patience }, async (t) => {
  const [a, b] = [await device(t, place.hubs[0]), await device(t, place.hubs[1])];
  await write(a.page, "is anybody there", "Ana");
  await write(b.page, "yes, at the school", "Bo");
  await post(a.page, "yes, at the school").waitFor();
  const took = [];
  for (let i = 1; i <= 10; i++) {
    const [from, to] = i % 2 ? [a.page, b.page] : [b.page, a.page];
    await compose(from, `word ${i} goes over`);
    const [sent, there] = await Promise.all([pressed(from), shown(to, `word ${i} goes over`), send(from)]);
    took.push(there - sent);
  }
  t.diagnostic(`from the press of the button until it shows: ${took.join(", ")} ms`);
  assert.ok(Math.max(...took) < 1000, `${took} ms`);
});

test("a preview begins at the beginning of its text, whichever way that is read", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  const [lea, one] = [new Neighbor(place.hubs[0], "Lea"), "من أين نأخذ الماء النظيف بعد أن يغلق مخزن المدرسة أبوابه هذا المساء؟"];
  const asked = await lea.says(one, "One way");
  await lea.says("Where is clean water to be had once the school has closed its doors?", "The other way");
  await lea.says("From me.", "One way", { re: `${asked.author.key}/${asked.client_id}` });
  await lea.says(one, "One way"); // the newest
  for (const language of ["en", "ar"]) {
    await page.goto(`/~${language}/messages/`);
    await page.locator("li", { hasText: "One way" }).locator(".peek:dir(rtl)").waitFor();
    await page.locator("li", { hasText: "The other way" }).locator(".peek:dir(ltr)").waitFor();
    await page.goto("/messages/One%20way");
    await page.locator(".re:dir(rtl)").waitFor();
  }
});

test("the start page shows new posts as they come, and what somebody reads below stays where it is", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  const front = page.locator("#front > li");
  const ida = new Neighbor(place.hubs[0], "Ida");
  await crowd(place.hubs[0], upTo(5).map((i) => `front ${i}. ${"More of it. ".repeat(i)}`));
  const live = page.waitForEvent("websocket").then((ws) => ws.waitForEvent("framereceived"));
  await page.goto("/");
  await live;
  await ida.says("news for the start page", "Elm Street");
  await front.filter({ hasText: "news for the start page" }).waitFor();
  assert.match(await front.first().innerText(), /^Ida[^]*in Elm Street/);
  await page.getByRole("status").getByText("There is a new post.").waitFor();
  const places = page.getByRole("heading", { name: "Places in reach" });
  const last = front.filter({ hasText: "front 3." });
  for (const [what, text] of [[places, "news above the places."], [last, "news above what is read."]]) {
    await what.evaluate((e) => scrollTo(0, scrollY + e.getBoundingClientRect().top - 100));
    const was = await what.evaluate((e) => e.getBoundingClientRect().top);
    await ida.says(`${text} ${"And more. ".repeat(9)}`);
    await front.filter({ hasText: text }).waitFor({ state: "attached" });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const is = await what.evaluate((e) => e.getBoundingClientRect().top);
    assert.ok(Math.abs(is - was) <= 1, `it was at ${was} and is at ${is}`);
  }
  await page.evaluate(() => scrollTo(0, 0));
  await ida.says("the newest");
  await front.filter({ hasText: "the newest" }).waitFor();
  assert.ok((await front.count()) <= 7, "it grows");
});

test("where websockets do not pass, posts come by asking", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  net.loses.live = true;
  await page.clock.install();
  await page.goto("/messages/town");
  await new Neighbor(place.hubs[0], "Flo").says("this one was asked for");
  await page.clock.fastForward(20_000);
  await post(page, "this one was asked for").waitFor();
});

for (const [size, viewport] of Object.entries({ phone: undefined, desktop })) {
  test(`what somebody reads stays where it is while posts arrive: ${size}`, async (t) => {
    const channel = `still ${size}`;
    const gus = new Neighbor(place.hubs[0], "Gus");
    await crowd(place.hubs[0], upTo(25).map((i) => `line ${i}. ${"More of it. ".repeat(i % 7)}`), channel);
    const { page } = await device(t, place.hubs[0], viewport ? { viewport } : {});
    const live = page.waitForEvent("websocket").then((ws) => ws.waitForEvent("framereceived"));
    await page.goto("/messages/" + encodeURIComponent(channel));
    await live;
    const middle = post(page, "line 12.");
    await middle.evaluate((li) => scrollTo(0, scrollY + li.getBoundingClientRect().top - 300));
    const top = () => middle.evaluate((li) => li.getBoundingClientRect().top);
    const was = await top();
    assert.ok(Math.abs(was - 300) < 2, `it is at ${was} before`);
    for (let i = 1; i <= 6; i++) {
      await gus.says(`news ${i}. ${"And more. ".repeat(7 * i)}`, channel);
      await post(page, `news ${i}.`).waitFor({ state: "attached" });
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const is = await top();
      assert.ok(Math.abs(is - was) <= 1, `it was at ${was} and is at ${is} after ${i} posts`);
    }
    await page.getByRole("button", { name: /new post/ }).click();
    assert.ok(await posts(page).evaluate((list) => list.getBoundingClientRect().top > -1), "the news cannot be seen");
  });
}

// Whoever pastes a long text sees how much of it is too much, and loses nothing.
for (const [how, options] of ways) {
  test(`a text that is too long is not cut, and says by how much: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/messages/town");
    const long = `${how} ` + "x".repeat(2_500 - how.length - 1);
    await compose(page, long, "Ola");
    assert.equal(await page.getByLabel("Your post").inputValue(), long);
    await send(page);
    await page.locator(".problem").getByText("too long by 500 characters").waitFor();
    assert.equal(await page.getByLabel("Your post").inputValue(), long);
  });

  test(`a name that is too long is not cut either: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/messages/town");
    await compose(page, `short, ${how}`, "x".repeat(50));
    await send(page);
    await page.locator(".problem").getByText("too long by 10 characters").waitFor();
    assert.equal(await page.getByLabel("Your name").inputValue(), "x".repeat(50));
    assert.equal(await page.getByLabel("Your post").inputValue(), `short, ${how}`);
  });

  test(`a text that is far too large to be read is still there when one goes back: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/messages/town");
    const book = `${how} ` + "All of it. ".repeat(20_000);
    await compose(page, book, "Ola");
    await send(page);
    await page.getByText("Go back in your browser: what you wrote is still there, perhaps folded under “Write a post”.").waitFor();
    await page.goBack();
    assert.equal(await page.getByLabel("Your post").inputValue(), book);
  });
}

test("what the page says of a new post leaves the button to post free", async (t) => {
  const channel = "the button";
  const { page } = await device(t, place.hubs[0]);
  await page.goto("/messages/" + encodeURIComponent(channel));
  await compose(page, "half a thought", "Uma");
  const button = page.locator("details.write form button:not([type=button])");
  await button.evaluate((b) => scrollBy(0, b.getBoundingClientRect().bottom - innerHeight + 4));
  await new Neighbor(place.hubs[0], "Vic").says("a new one", channel);
  await page.locator("#said").getByText("There is a new post").waitFor();
  const free = await button.evaluate((b) => {
    const [here, said] = [b.getBoundingClientRect(), document.getElementById("said").getBoundingClientRect()];
    return { apart: said.bottom <= here.top || said.top >= here.bottom, taken: document.elementFromPoint(here.left + here.width / 2, here.top + here.height / 2) === b };
  });
  assert.deepEqual(free, { apart: true, taken: true });
  const through = await page.locator("#said").evaluate((s) => {
    const r = s.getBoundingClientRect();
    return !s.contains(document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2));
  });
  assert.ok(through, "it takes taps that are not for it");
});

test("what the page says of a post that waits does not cover it", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await write(page, "I am Wes", "Wes");
  net.join(null);
  for (const text of ["the road is closed", "the other one too"]) {
    await compose(page, text);
    await send(page);
    await page.locator("#outbox li", { hasText: text }).waitFor();
    const { said, box } = await page.evaluate(() => {
      const span = (id) => (({ top, bottom }) => ({ top, bottom }))(document.getElementById(id).getBoundingClientRect());
      return { said: span("said"), box: span("outbox") };
    });
    assert.ok(said.bottom <= box.top || said.top >= box.bottom, `it says it from ${said.top} to ${said.bottom}, what waits is from ${box.top} to ${box.bottom}`);
    assert.ok(said.top >= 0 && said.bottom <= 640, `it says it out of sight: from ${said.top} to ${said.bottom}`);
  }
});
