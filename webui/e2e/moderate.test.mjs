// Moderators: what they hide, and what everybody sees of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clipped, small, sticksOut, unlabelled, violations } from "./access.mjs";
import { device, grant, phone, town, ways } from "./harness.mjs";
import { Neighbor, openThread, post, write } from "./people.mjs";
import { coordinator } from "./word.mjs";

let place;
before(async () => (place = await town("Fire Station", "School")));
after(() => place.stop());

/** A page at the box itself, of somebody who is a moderator. */
const moderator = (t, hub, name, options) => coordinator(t, hub, name, "moderate", "", options);

for (const [how, options] of ways) {
  test(`a post that is hidden at one place is folded on an open page at the other, and says why: ${how}`, async (t) => {
    const text = `buy my pills, ${how}`;
    const page = await moderator(t, place.hubs[0], how === ways[0][0] ? "Maria" : "John", options);
    await new Neighbor(place.hubs[0], "Loud").says(text);
    const { page: other } = await device(t, place.hubs[1]);
    await other.goto("/messages/town");
    await post(other, text).waitFor();

    await page.goto("/messages/town");
    await openThread(page, text);
    await page.getByRole("link", { name: "Hide this for everybody" }).click();
    await page.getByLabel("Spam or advertising").check();
    await page.getByRole("button", { name: "Hide this post from everybody" }).click();
    await page.getByText("Hidden here for everybody").waitFor();

    const folded = post(other, text).locator("summary"); // of a page that nobody loads again
    await folded.getByText("Hidden by a moderator: Spam or advertising").waitFor();
    assert.equal(await post(other, text).locator(".text").isVisible(), false);
    await folded.click();
    await post(other, text).locator(".text").getByText(text).waitFor();
    await other.getByRole("link", { name: "What moderators did" }).last().click();
    await other.getByText("hid a post by").first().waitFor();

    await page.getByRole("button", { name: "Show it again" }).click();
    await page.getByText("Everybody sees it again").waitFor();
    await other.goto("/messages/town");
    await post(other, text).locator(".text").getByText(text).waitFor({ state: "visible" });
    assert.equal(await post(other, text).locator("summary").count(), 0);
  });
}

test("over the Wi-Fi a moderator only looks", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  await write(page, "hello over the air", "Wilma");
  await grant(place.hubs[0], "Wilma", "moderate");
  await new Neighbor(place.hubs[0], "Loud").says("over the air");
  await page.goto("/messages/town");
  await openThread(page, "over the air");
  await page.getByRole("link", { name: "Hide this for everybody" }).click();
  await page.getByText("so you can only look").waitFor();
  assert.equal(await page.locator("main button").count(), 0);
});

for (const language of ["en", "ar"]) {
  test(`the pages of moderators can be used by everybody: ${language}`, async (t) => {
    const page = await moderator(t, place.hubs[0], `Ayşe ${language}`);
    const loud = new Neighbor(place.hubs[0], "Loud");
    await loud.says(`a post to be judged in ${language}`);
    await page.goto("/messages/town");
    await openThread(page, `a post to be judged in ${language}`);
    const judge = await page.locator("a[href*='/judge?']").getAttribute("href");
    const wrong = [];
    await page.goto(`/~${language}/`);
    for (const path of ["/moderate", judge, "/moderated"]) {
      await page.goto(path);
      assert.equal(await page.getAttribute("html", "lang"), language);
      for (const open of await page.locator("details summary").all()) await open.click();
      await page.evaluate(() => scrollTo(0, 0)); // axe takes what lies under the header for covered
      for (const f of await violations(page)) wrong.push(`${path}: ${f}`);
      for (const f of await unlabelled(page)) wrong.push(`${path}: no label that can be seen: ${f}`);
      for (const f of await small(page)) wrong.push(`${path}: too small to touch: ${f}`);
      for (const f of await clipped(page)) wrong.push(`${path}: clipped: ${f}`);
      await page.setViewportSize({ width: 320, height: 640 });
      for (const f of await sticksOut(page)) wrong.push(`${path}: sticks out with large text: ${f}`);
      await page.setViewportSize(phone);
    }
    assert.deepEqual(wrong, []);
  });
}
