// What is written at one place, or by one person, and sent at another, or by another.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, eventually, town, ways } from "./harness.mjs";
import { comeBack, compose, post, send, sixWords, wentOutOnce, write, writeInVain } from "./people.mjs";

let place;
before(async () => (place = await town("Fire Station", "School")));
after(() => place.stop());

/** Sees that what waits is said to wait for its author's six words, and for nothing else. */
async function asksForTheWords(page, name) {
  const first = page.locator("#outbox li").first();
  await first.getByText(`You wrote it as ${name}. Enter those six words here`).waitFor();
  await first.getByText("as soon as a place is in reach").waitFor({ state: "hidden" });
}

test("what is written while the Wi-Fi is gone is sent once, at another place, by its author", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await write(page, "first words", "Cem");
  const words = await sixWords(page);
  await page.goto("/messages/town");
  net.join(null);
  await writeInVain(page, "the bridge is out");

  net.join(place.hubs[1]);
  await page.goto("/messages/town");
  await asksForTheWords(page, "Cem");
  assert.equal(await post(page, "the bridge is out").count(), 0, "it went out under nobody's name");
  await page.getByRole("link", { name: "Enter those six words" }).click();
  await page.getByLabel("Your six words").fill(words);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/?done=back*");
  await page.goto("/messages/town");
  await wentOutOnce(page, "the bridge is out");
  assert.match(await post(page, "the bridge is out").innerText(), /^Cem\b/);
});

test("what is written on the way to another place is sent once there, by its author: without scripts", async (t) => {
  const { net, page } = await device(t, place.hubs[0], { javaScriptEnabled: false });
  await write(page, "first of Ines", "Ines");
  const words = await sixWords(page);
  await page.goto("/messages/town");
  await compose(page, "the ford is dry");
  net.join(place.hubs[1]);
  await send(page);
  await page.getByRole("alert").getByText("cannot tell that it is you").waitFor();
  await page.reload(); // which sends it again
  await page.getByText("You wrote it as Ines").waitFor();
  assert.equal(await post(page, "the ford is dry").count(), 0, "it went out under nobody's name");
  const press = () => page.getByRole("button", { name: "Post", exact: true }).click();
  await page.getByLabel("Your six words").fill("abacus abdomen abdominal abide abiding ability");
  await press();
  await page.getByText("not the six words of whoever wrote this").waitFor();
  assert.equal(await page.getByLabel("Your post").inputValue(), "the ford is dry");
  await page.getByLabel("Your six words").fill(words);
  await press();
  for (const hub of [place.hubs[1], place.hubs[0]]) {
    net.join(hub);
    await page.goto("/messages/town");
    await wentOutOnce(page, "the ford is dry");
    assert.match(await post(page, "the ford is dry").innerText(), /^Ines\b/);
  }
});

for (const [how, options] of ways) {
  test(`whoever loads the page at another place may post with their six words there: ${how}`, async (t) => {
    const { net, page } = await device(t, place.hubs[0], options);
    await write(page, `I am Jana, ${how}`, "Jana");
    const words = await sixWords(page);
    net.join(place.hubs[1]);
    await page.goto("/messages/town");
    await compose(page, `posted in one go, ${how}`);
    await page.getByLabel("Your six words").fill(words);
    await send(page);
    await wentOutOnce(page, `posted in one go, ${how}`);
    assert.match(await post(page, `posted in one go, ${how}`).innerText(), /^Jana\b/);
  });
}

for (const [how, options] of ways) {
  test(`a change on the way to another place is made once there, by the post's author: ${how}`, async (t) => {
    const { net, page } = await device(t, place.hubs[0], options);
    await write(page, `soup at five, ${how}`, "Uma");
    const words = await sixWords(page);
    await eventually("the post gets there", async () => (await (await fetch(`${place.hubs[1].url}/messages/town`)).text()).includes(`soup at five, ${how}`));
    await page.goto("/messages/town");
    await post(page, `soup at five, ${how}`).getByRole("link", { name: "Change" }).click();
    await page.getByLabel("Your post").fill(`soup at six, ${how}`);
    net.join(place.hubs[1]);
    const save = () => page.getByRole("button", { name: "Save" }).click();
    await save();
    await page.getByRole("alert").getByText("cannot tell that it is you").waitFor();
    await page.getByText("You wrote it as Uma").waitFor();
    await save();
    await page.getByText("Enter the 6 words.").waitFor();
    assert.equal(await page.getByLabel("Your post").inputValue(), `soup at six, ${how}`);
    await page.getByLabel("Your six words").fill(words);
    await save();
    await page.getByRole("status").getByText("Changed.").waitFor();
    await page.locator("#post").getByText(`soup at six, ${how}`).waitFor();
  });
}

test("a page that stays open on the way to another place asks for the six words there", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await page.clock.install();
  await write(page, "I am Nia", "Nia");
  net.join(null);
  for (const text of ["one", "two", "three"]) {
    await writeInVain(page, `walking, ${text}`);
    await page.clock.fastForward(100);
  }
  const waits = await page.locator("#outbox li [data-text]").allInnerTexts();
  assert.deepEqual(waits, ["walking, one", "walking, two", "walking, three"]);
  net.join(place.hubs[1]);
  await page.clock.fastForward(11_000);
  await asksForTheWords(page, "Nia");
  await compose(page, "walking, and there");
  await send(page);
  await page.getByRole("status").getByText("This place did not take your post.").waitFor();
  await page.locator("#outbox li", { hasText: "walking, and there" }).getByText("You wrote it as Nia").waitFor();
});

test("somebody else on the same phone does not send what another has written", async (t) => {
  const { context, net, page } = await device(t, place.hubs[0]);
  await write(page, "I am Emil", "Emil");
  net.join(null);
  await writeInVain(page, "only Emil says this");
  net.join(place.hubs[0]);
  await context.clearCookies();
  await write(page, "I am Fay", "Fay");
  await page.getByText("You wrote it as Emil").waitFor();
  await page.reload();
  await page.getByText("You wrote it as Emil").waitFor();
  assert.equal(await post(page, "only Emil says this").count(), 0);
  await page.getByRole("button", { name: "Discard" }).click();
  await page.locator("#outbox").waitFor({ state: "hidden" });
});

test("what a stranger wrote goes out under another's name only if they say so", async (t) => {
  const bo = await device(t, place.hubs[0]);
  await write(bo.page, "I am Bo", "Bo");
  const words = await sixWords(bo.page);
  const { context, net, page } = await device(t, place.hubs[0]);
  await page.goto("/messages/town");
  net.join(null);
  for (const text of ["a stranger says this", "and a stranger says that"]) {
    await compose(page, text, "Cara");
    await send(page);
    await page.locator("#outbox li", { hasText: text }).waitFor();
  }
  await page.close();
  net.join(place.hubs[0]);
  const later = await context.newPage();
  await later.route("**/api/v1/messages/**", (route) => route.abort());
  await comeBack(later, words);
  await later.unrouteAll();
  await later.goto("/messages/town");
  const waits = (text) => later.locator("#outbox li", { hasText: text });
  await waits("a stranger says this").getByText("You wrote it as Cara").waitFor();
  assert.equal(await post(later, "stranger").count(), 0, "it went out unasked");
  await waits("and a stranger says that").getByRole("button", { name: "Discard" }).click();
  await waits("a stranger says this").getByRole("button", { name: "Post this as Bo" }).click();
  await wentOutOnce(later, "a stranger says this");
  assert.match(await post(later, "a stranger says this").innerText(), /^Bo\b/);
  assert.equal(await post(later, "and a stranger says that").count(), 0);
});

test("a session of one place is nothing at another, and the words bring it back", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await write(page, "I am Oda", "Oda");
  const words = await sixWords(page);
  net.join(place.hubs[1]);
  await page.goto("/messages/town");
  await compose(page, "who am I here");
  assert.equal(await page.getByLabel("Your name").count(), 1, "it knows somebody");
  await comeBack(page, words);
  await write(page, "I am at the school now");
  assert.match(await post(page, "I am at the school now").innerText(), /^Oda\b/);
});
