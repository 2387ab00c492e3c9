// Replies, changes and what is taken back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, town, ways } from "./harness.mjs";
import { openThread, post, posts, write } from "./people.mjs";

let place;
before(async () => (place = await town("Fire Station", "School")));
after(() => place.stop());

for (const [how, options] of ways) {
  test(`somebody replies at another place, and it is shown in place: ${how}`, async (t) => {
    const question = `who has a saw, ${how}`;
    const answer = `I have one, ${how}`;
    const [ana, bo] = [await device(t, place.hubs[0], options), await device(t, place.hubs[1], options)];
    await write(ana.page, question, "Ana");
    await write(bo.page, `hello, ${how}`, "Bo");
    await seen(bo.page, question);
    await openThread(bo.page, question);
    await bo.page.getByLabel("Your reply").fill(answer);
    await bo.page.getByRole("button", { name: "Post", exact: true }).click();
    await posts(bo.page).getByText(answer).waitFor();

    await seen(ana.page, answer);
    const reply = post(ana.page, answer);
    assert.match(await reply.innerText(), new RegExp(`^Bo\\b[^]*Ana: ${question}`));
    await reply.getByRole("link", { name: new RegExp(question) }).click();
    await ana.page.getByLabel("Your reply").waitFor();
    assert.equal(await post(ana.page, answer).count(), 1);
    await ana.page.goto("/messages/town");
    await posts(ana.page).locator("li", { hasText: "1 reply" }).getByText(question).waitFor();
  });

  test(`one's own post is changed and says so: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await write(page, `the shop opens at eigth, ${how}`, "Cleo");
    await post(page, `eigth, ${how}`).getByRole("link", { name: "Change" }).click();
    await page.getByLabel("Your post").fill(`the shop opens at eight, ${how}`);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(`opens at eight, ${how}`).first().waitFor();
    await page.getByRole("status").getByText("Changed.", { exact: true }).waitFor();
    await page.goto("/messages/town");
    assert.match(await post(page, `opens at eight, ${how}`).innerText(), /changed/);
    assert.equal(await post(page, `eigth, ${how}`).count(), 0);
    const other = await device(t, place.hubs[1], options);
    await other.page.goto("/messages/town");
    await seen(other.page, `opens at eight, ${how}`);
    assert.equal(await post(other.page, `opens at eight, ${how}`).getByRole("link", { name: "Change" }).count(), 0);
  });

  test(`one's own post is taken back, everywhere: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    const text = `I take this back, ${how}`;
    await write(page, text, "Dev");
    const other = await device(t, place.hubs[1], options);
    await other.page.goto("/messages/town");
    await seen(other.page, text);
    await post(page, text).getByRole("link", { name: "Change" }).click();
    await page.locator("summary", { hasText: "Take it back" }).click();
    await page.getByRole("button", { name: "Yes, take it back" }).click();
    await page.waitForURL((u) => !u.pathname.endsWith("/edit"));
    await page.getByRole("status").getByText("Taken back.", { exact: true }).waitFor();
    await page.goto("/messages/town");
    assert.equal(await page.getByText(text).count(), 0);
    await unseen(other.page, text);
  });
}

/** Waits for a post; a page without scripts has to be loaded again for that. */
async function seen(page, text) {
  for (let i = 0; i < 100 && (await post(page, text).count()) === 0; i++) await page.goto("/messages/town");
  await post(page, text).first().waitFor();
}

/** Waits until a post is gone, looking again. */
async function unseen(page, text) {
  for (let i = 0; i < 100 && (await post(page, text).count()) > 0; i++) await page.goto("/messages/town");
  assert.equal(await post(page, text).count(), 0);
}

test("a page that is open shows at once what is changed and what is taken back", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  const reader = (await device(t, place.hubs[0])).page;
  await write(page, "this one goes", "Eli");
  await write(page, "this one changes");
  await reader.goto("/messages/town");
  await post(reader, "this one goes").waitFor();
  await post(page, "this one changes").getByRole("link", { name: "Change" }).click();
  await page.getByLabel("Your post").fill("this one has changed");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").getByText("Changed.", { exact: true }).waitFor();
  await post(reader, "this one has changed").waitFor();
  await page.goto("/messages/town");
  await post(page, "this one goes").getByRole("link", { name: "Change" }).click();
  await page.locator("summary", { hasText: "Take it back" }).click();
  await page.getByRole("button", { name: "Yes, take it back" }).click();
  await post(reader, "this one goes").waitFor({ state: "detached" });
});

test("replies arrive in a thread that is open", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await write(page, "talk to me", "Fynn");
  await openThread(page, "talk to me");
  await page.getByLabel("Your reply").waitFor();
  const other = (await device(t, place.hubs[1])).page;
  await seen(other, "talk to me");
  await openThread(other, "talk to me");
  await other.getByLabel("Your reply").fill("here I am");
  await other.getByLabel("Your name").fill("Gwen");
  await other.getByRole("button", { name: "Post", exact: true }).click();
  await post(page, "here I am").waitFor();
});
