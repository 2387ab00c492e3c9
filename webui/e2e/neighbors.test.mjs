// What neighbors do about each other: see what is new, hide, report; and what slows a storm.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, eventually, town, ways } from "./harness.mjs";
import { Neighbor, compose, openThread, post, send, upTo, write } from "./people.mjs";

let place;
before(async () => (place = await town("Fire Station", "School")));
after(() => place.stop());

test("what a place that was cut off had to say is new when it comes, though newer posts were read", async (t) => {
  const apart = await town("Fire Station", "School");
  t.after(apart.stop);
  const [here, there] = apart.hubs;
  const path = "/messages/" + encodeURIComponent("Mill Lane");
  const { page } = await device(t, here);
  const say = async (text, name) => {
    await page.goto(path);
    await compose(page, text, name);
    await send(page);
    await post(page, text).waitFor();
  };
  const mark = page.locator(".ways li", { hasText: "Mill Lane" }).locator(".new");
  await say("who has bread", "Ana");
  await here.stop();
  await new Neighbor(there, "Bo").says("I have two loaves", "Mill Lane");
  await there.stop();
  await here.start("--trust-clock");
  await new Neighbor(here, "Cem").says("the road is open", "Mill Lane");
  await page.goto("/messages/");
  assert.equal(await mark.innerText(), "1 new");
  await page.goto(path);
  await post(page, "the road is open").waitFor();
  await page.goto("/messages/");
  assert.equal(await mark.count(), 0);

  await there.start("--peer", `127.0.0.1:${here.sync}`, "--trust-clock");
  await eventually("it is told to be new", async () => {
    await page.goto("/messages/");
    return (await mark.count()) === 1 && (await mark.innerText()) === "1 new";
  });
  await page.goto(path);
  assert.deepEqual(await page.locator("#posts .text").allTextContents(), ["the road is open", "I have two loaves", "who has bread"]);
  await page.goto("/messages/");
  assert.equal(await mark.count(), 0, "what was read is new still");
});

for (const [how, options] of ways) {
  test(`somebody is hidden for one reader alone, and shown again: ${how}`, async (t) => {
    const vic = new Neighbor(place.hubs[0], `Vic ${how}`);
    const noise = `all lies, ${how}`;
    await vic.says(noise);
    const { page } = await device(t, place.hubs[0], options);
    await write(page, `enough of it, ${how}`, "Ana");
    const text = page.locator("#posts").getByText(noise);

    await openThread(page, noise);
    await page.getByRole("link", { name: "Hide what this person posts" }).click();
    await page.getByText(`Vic ${how}`).waitFor();
    await page.getByRole("button", { name: "Hide their posts" }).click();
    await page.getByRole("status").getByText("folded to one line from now on").waitFor();
    await page.goto("/messages/town");
    await text.waitFor({ state: "hidden" });
    await page.getByText("A post by someone you have hidden").first().click();
    await text.waitFor();
    await page.goto("/");
    assert.equal(await page.getByText(noise).filter({ visible: true }).count(), 0, "the start page shows it");
    const other = (await device(t, place.hubs[0], options)).page;
    await other.goto("/messages/town");
    await post(other, noise).getByText(noise).waitFor();

    await page.goto("/you");
    await page.getByRole("link", { name: "People you have hidden" }).click();
    await page.getByRole("button", { name: "Show their posts again" }).click();
    await page.getByRole("status").getByText("You see what they post again").waitFor();
    await page.getByText("You have hidden nobody").waitFor();
    await page.goto("/messages/town");
    await text.waitFor();
  });

  test(`what is new at another place is marked, until it was read: ${how}`, async (t) => {
    const street = `Mill Lane ${how}`;
    const path = "/messages/" + encodeURIComponent(street);
    const [ana, bo] = [await device(t, place.hubs[0], options), await device(t, place.hubs[1], options)];
    const say = async (page, text, name) => {
      await page.goto(path);
      await compose(page, text, name);
      await send(page);
      await post(page, text).waitFor();
    };
    const mark = (page) => page.locator(".ways li", { hasText: street }).locator(".new");
    const marked = async (page, words) => {
      await eventually(`“${words}” in the list`, async () => {
        await page.goto("/messages/");
        return (await mark(page).count()) === 1 && (await mark(page).innerText()) === words;
      });
    };
    await say(ana.page, "who has bread", "Ana");
    await ana.page.goto("/messages/");
    assert.equal(await mark(ana.page).count(), 0, "one's own post is new");

    await say(bo.page, "I have two loaves", "Bo");
    await marked(ana.page, "1 new");
    await say(bo.page, "and some soup");
    await marked(ana.page, "2 new");
    await ana.page.locator(".ways a", { hasText: street }).click();
    await post(ana.page, "and some soup").waitFor();
    assert.deepEqual(await ana.page.locator("#posts .text").allTextContents(), ["and some soup", "I have two loaves", "who has bread"]);
    await ana.page.goto("/messages/");
    assert.equal(await mark(ana.page).count(), 0, "what was read is new still");

    await bo.page.goto("/messages/"); // an open talk is read
    await say(ana.page, "I come over");
    await marked(bo.page, "1 new");
  });

  test(`a post is reported, with words of one's own: ${how}`, async (t) => {
    const lie = `the well is poisoned, ${how}`;
    await new Neighbor(place.hubs[0], "Wim").says(lie);
    const { page } = await device(t, place.hubs[0], options);
    await write(page, `I live there, ${how}`, "Xia");
    await openThread(page, lie);
    await page.getByRole("link", { name: "Report" }).click();
    await page.getByText("with your name").waitFor();
    await page.getByLabel("What is wrong with it?").fill("I drank from it <b>today</b>.");
    await page.getByRole("button", { name: "Report" }).click();
    await page.getByText("You have reported this post").waitFor();
    await page.getByRole("link", { name: "Back to the post" }).click();
    await page.getByRole("link", { name: "Report" }).click();
    await page.getByText("You have reported this post").waitFor();
    assert.equal(await page.getByRole("button", { name: "Report" }).count(), 0, "it can be reported twice");

    await page.goto("/messages/town");
    await post(page, lie).getByText(lie).waitFor();
    await openThread(page, `I live there, ${how}`);
    await page.getByRole("link", { name: "Change" }).first().waitFor();
    assert.equal(await page.getByRole("link", { name: "Report" }).count(), 0, "one's own post can be reported");
  });

  test(`who posts too much is slowed in words, and loses nothing: ${how}`, async (t) => {
    const headers = { Forwarded: "for=phone" }; // who is at the box is not slowed
    const { context, page } = await device(t, place.hubs[0], { ...options, extraHTTPHeaders: headers });
    const text = `one too many, ${how}`;
    await page.clock.install();
    await write(page, `I am in a hurry, ${how}`, "Yan");
    const token = (await context.cookies()).find((c) => c.name.startsWith("lp_")).value;
    const program = Object.assign(new Neighbor(place.hubs[0], "Yan"), { token, headers });
    await compose(page, text);
    const much = () => Promise.allSettled(upTo(12).map((i) => program.says(`much, ${how}, ${i}.`)));
    await much();
    let storm = true;
    t.after(() => (storm = false));
    const over = (async () => {
      while (storm) await much();
    })();
    await send(page);
    const slowed = how === "with scripts" ? page.locator("#outbox li", { hasText: text }) : page.getByRole("alert");
    await slowed.getByText(how === "with scripts" ? "goes out by itself" : "posted a lot in a short time").waitFor();
    storm = false;
    await over;
    if (how === "without scripts") assert.equal(await page.getByLabel("Your post").inputValue(), text);
    await eventually("it is taken", async () => {
      if ((await post(page, text).count()) === 1) return true;
      if (how === "with scripts") await page.clock.fastForward(10_000);
      else await send(page);
    });
    await page.locator("#outbox").waitFor({ state: "hidden" });
  });
}
