import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, town } from "./harness.mjs";

let place;
before(async () => (place = await town("Fire Station", "School")));
after(() => place.stop());

async function write(page, text, name) {
  await page.goto("/messages/town");
  await page.getByText("Write a post").click();
  await page.getByLabel("Your post").fill(text);
  if (name) await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Post", exact: true }).click();
  await page.getByText(text).first().waitFor();
}

test("two browsers at two places see each other's posts without a reload", async () => {
  const [a, b] = [await device(place.hubs[0]), await device(place.hubs[1])];
  try {
    await write(a.page, "water at the school", "Ana");
    await b.page.goto("/messages/town");
    await b.page.getByText("water at the school").waitFor();
    const begun = Date.now();
    await write(b.page, "thank you", "Bo");
    await a.page.getByText("thank you").waitFor();
    const again = Date.now();
    await a.page.getByText("Write a post").click();
    await a.page.getByLabel("Your post").fill("no problem");
    const sent = Date.now();
    await a.page.getByRole("button", { name: "Post", exact: true }).click();
    await b.page.getByText("no problem").waitFor();
    console.log("first", again - begun, "ms; then", Date.now() - sent, "ms");
    assert.ok(Date.now() - sent < 1000);
  } finally {
    await a.close();
    await b.close();
  }
});

test("what is written while the Wi-Fi is gone is sent once, at another place, by its author", async () => {
  const a = await device(place.hubs[0]);
  try {
    await write(a.page, "first words", "Cem");
    await a.page.goto("/code");
    const words = (await a.page.locator(".code li").allTextContents()).join(" ");
    await a.page.goto("/messages/town");
    await a.page.getByText("Write a post").click();
    a.net.join(null);
    await a.page.getByLabel("Your post").fill("the bridge is out");
    await a.page.getByRole("button", { name: "Post", exact: true }).click();
    await a.page.getByText("It waits on this device").waitFor();
    a.net.join(place.hubs[1]);
    await a.page.goto("/messages/town");
    await a.page.getByText("You wrote it as Cem").waitFor();
    await a.page.getByRole("link", { name: "Enter those six words" }).click();
    await a.page.getByLabel("Your six words").fill(words);
    await a.page.getByRole("button", { name: "Sign in" }).click();
    await a.page.goto("/messages/town");
    await a.page.locator("#posts").getByText("the bridge is out").waitFor();
    await a.page.reload();
    assert.equal(await a.page.getByText("the bridge is out").count(), 1);
    assert.equal(await a.page.locator("#outbox").isVisible(), false);
  } finally {
    await a.close();
  }
});
