// Who one is: languages, names, return codes, and how to leave.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, town, ways } from "./harness.mjs";
import { comeBack, compose, post, send, sixWords, write } from "./people.mjs";

let place;
before(async () => (place = await town("Fire Station", "School")));
after(() => place.stop());

for (const [code, first] of [["en", "Español"], ["es", "English"], ["fr", "English"], ["ht", "English"], ["vi", "English"], ["zh-Hans", "English"], ["ar", "English"]]) {
  test(`a small phone shows the names of all other languages: ${code}`, async (t) => {
    const { page } = await device(t, place.hubs[0]);
    await page.setViewportSize({ width: 360, height: 640 });
    await page.goto(`/~${code}/`);
    const seen = await page.locator(".tongue").evaluate((line) => {
      const box = line.querySelector(".some").getBoundingClientRect();
      const within = (r) => r.top >= box.top - 1 && r.bottom <= box.bottom + 1 && r.left >= box.left - 1 && r.right <= box.right + 1;
      return [...line.querySelectorAll("bdi")].filter((e) => within(e.getBoundingClientRect())).map((e) => e.innerText);
    });
    assert.equal(seen.length, 6, seen.join());
    assert.equal(seen[0], first);
  });
}

for (const [how, options] of ways) {
  test(`a language is chosen once and stays: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/language");
    await page.getByRole("link", { name: "Español" }).first().click();
    await page.locator("html[lang=es]").waitFor();
    await page.goto("/messages/town");
    await page.locator("html[lang=es][dir=ltr]").waitFor();
    await page.goto("/language");
    await page.getByRole("link", { name: "العربية" }).first().click();
    await page.locator("html[lang=ar][dir=rtl]").waitFor();
    await page.goto("/");
    await page.locator("html[lang=ar][dir=rtl]").waitFor();
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("h1")).direction), "rtl");
  });

  test(`each of the seven languages says all in its own words, and leaves posts alone: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    const text = `in one language, ${how}`;
    await write(page, text, "Ana");
    const said = new Map();
    for (const code of ["es", "fr", "ht", "vi", "zh-Hans", "ar", "en"]) {
      await page.goto("/language");
      await page.locator(`main a[hreflang="${code}"]`).click();
      await page.locator(`html[lang="${code}"][dir=${code === "ar" ? "rtl" : "ltr"}]`).waitFor();
      await page.goto("/messages/town");
      const buttons = page.locator("nav a:not(:last-child), details.write summary, .acts a");
      said.set(code, (await buttons.allInnerTexts()).map((words) => words.trim()));
      assert.equal(await post(page, text).locator(".text").innerText(), text);
      await compose(page, `written in ${code}, ${how}`);
      await send(page);
      await post(page, `written in ${code}, ${how}`).waitFor();
    }
    const english = said.get("en");
    for (const [code, words] of said) {
      const same = words.filter((w) => english.includes(w));
      if (code !== "en") assert.deepEqual(same, [], `${code} says it in English`);
    }
  });

  test(`a browser is spoken to in its own language: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], { ...options, locale: "vi-VN" });
    await page.goto("/");
    await page.locator("html[lang=vi]").waitFor();
  });

  test(`a name is changed, and stands beside what was posted before: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await write(page, `who wrote this, ${how}`, "Pia");
    await page.goto("/name");
    await page.getByLabel("Name").fill("");
    await page.getByLabel("Name").fill("  Pia Marín ");
    await page.getByRole("button", { name: "Save" }).click();
    await page.waitForURL("**/?done=name*");
    await page.goto("/messages/town");
    assert.match(await post(page, `who wrote this, ${how}`).innerText(), /^Pia Marín\b/);
  });

  test(`six words bring somebody back at another place: ${how}`, async (t) => {
    const { net, page } = await device(t, place.hubs[0], options);
    await write(page, `written at one place, ${how}`, "Rosa");
    const words = await sixWords(page);
    assert.match(words, /^\S+( \S+){5}$/);
    await page.getByRole("button", { name: "I have written them down" }).click();
    await page.waitForURL("**/?done=code*");
    await page.goto("/code");
    assert.equal(await page.locator(".code li").count(), 0, "they are shown again");

    net.join(place.hubs[1]);
    await page.goto("/return");
    await page.getByLabel("Your six words").fill(words.replace(/\S+$/, "nonsenseword"));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator(".problem").waitFor();
    await comeBack(page, ` ${words.toUpperCase().replaceAll(" ", "  ")}\n`);
    await write(page, `written at another, ${how}`);
    assert.match(await post(page, `written at another, ${how}`).innerText(), /^Rosa\b/);
    await post(page, `written at one place, ${how}`).waitFor();
  });

  test(`signing out leaves nobody behind: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await write(page, `and now I go, ${how}`, "Sami");
    await page.goto("/signout");
    await page.getByText("You have not written down your return code yet.").waitFor();
    await page.getByRole("button", { name: /Sign out/ }).first().click();
    await page.waitForURL("**/?done=out*");
    await page.goto("/messages/town");
    await compose(page, "somebody else");
    assert.equal(await page.getByLabel("Your name").count(), 1, "it still knows who was here");
    await page.goto("/name");
    assert.equal(await page.locator("main form").count(), 0);
  });

  test(`a phone forgets somebody, and all that waits on it: ${how}`, async (t) => {
    const { context, net, page } = await device(t, place.hubs[0], options);
    await page.goto("/~es/");
    await page.goto("/~en/");
    await write(page, `forget me, ${how}`, "Tove");
    await compose(page, "half a thought");
    if (how === "with scripts") {
      await page.evaluate(() => localStorage.setItem("other", "kept by an app"));
      net.join(null);
      await send(page);
      await page.locator("#outbox li").waitFor();
      net.join(place.hubs[0]);
    }
    await page.goto("/signout");
    await page.getByRole("button", { name: "Forget me on this phone" }).click();
    await page.waitForURL(/done=out|done=forgot/);
    const names = (await context.cookies()).map((c) => c.name);
    assert.deepEqual(names.filter((n) => n.startsWith("lp_")), [], "cookies stay");
    assert.equal(await page.evaluate(() => localStorage.length), 0);
    await page.goto("/messages/town");
    await compose(page, "somebody else");
    assert.equal(await page.getByLabel("Your name").count(), 1);
    await page.locator("#outbox").waitFor({ state: "hidden" });
  });

  test(`the QR code of the six words is shown on request only: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await write(page, `my code, ${how}`, "Uma");
    await page.goto("/code");
    assert.equal(await page.locator(".code li").count(), 6);
    assert.equal(await page.locator(".card svg").count(), 0);
    await page.getByRole("link", { name: "Show them as a QR code too" }).click();
    await page.locator(".card svg").first().waitFor();
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator(".code").isVisible());
    assert.equal(await page.getByRole("button").filter({ visible: true }).count(), 0, "buttons are printed");
    assert.equal(await page.locator("nav").filter({ visible: true }).count(), 0);
  });
}
