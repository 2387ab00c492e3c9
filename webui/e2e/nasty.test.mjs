// What people should not type, and do: it stays text, keeps its place, and is answered in words.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, town, ways } from "./harness.mjs";
import { Neighbor, compose, openThread, post, send, write } from "./people.mjs";

let place;
before(async () => (place = await town("Fire Station", "School")));
after(() => place.stop());

const schemes = ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "file:///etc/passwd", "intent://x#Intent;end", "vbscript:x",
  "tel:911", "mailto:a@b.example", "ftp://a.example", "//a.example", "https://user@lamppost.internal@a.example/"];
const markup = `<img src=x onerror=alert(1)><script>alert(2)</script><a href="https://a.example">free water</a> {{.You}} <!-- ]]> &lt;b&gt;`;
const markdown = "# Free\n**water** [here](https://a.example) ![](https://a.example/x.png) `x`";

for (const [how, options] of ways) {
  test(`markup and odd addresses stay text on every page: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    page.on("dialog", () => assert.fail("a post ran"));
    page.on("request", (r) => assert.ok(r.url().startsWith("http://lamppost.internal/"), `a post asked for ${r.url()}`));
    const mark = `nasty ${how.replace(" ", "")}`;
    const text = `${mark} ${markup}\n${markdown}\n${schemes.join(" ")}`;
    const street = `Elm <b>${how} "street'`;
    const path = "/messages/" + encodeURIComponent(street);
    await page.goto(path);
    await compose(page, text, `<i>Eve</i> &amp;`);
    await send(page);
    await post(page, mark).waitFor();
    assert.equal(await post(page, mark).locator(".text").innerText(), text);
    const places = [path, "/messages/", "/", `/messages/search?q=nasty`, "/print", "/print/new", "/kiosk?sheet=1&stay=1", "/you", "/name"];
    for (const at of places) {
      await page.goto(at);
      await holds(page, at);
    }
    await page.goto(path);
    await openThread(page, mark);
    await page.getByLabel("Your reply").waitFor();
    await holds(page, "its own page");
    await page.getByRole("link", { name: "Change" }).first().click();
    assert.equal(await page.getByLabel("Your post").inputValue(), text);
    await holds(page, "its change");
  });

  test(`two thousand marks over one letter, and a wall of empty lines, keep their place: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    const walls = {
      marks: `marks, ${how} Z${"\u0301\u0489".repeat(980)}`,
      lines: `lines, ${how}${"\n".repeat(900)}below`,
      blanks: `blanks, ${how}${"\n\u200b \u3164".repeat(400)}end`,
    };
    for (const [what, wall] of Object.entries(walls)) {
      await page.goto("/messages/town");
      await compose(page, wall, what === "marks" && "Ali");
      await send(page);
      const text = post(page, `${what}, ${how}`).locator(".text").first();
      await text.waitFor();
      const { height } = await text.boundingBox();
      assert.ok(height < 250, `${what} make it ${height} px high`);
      assert.equal(await text.evaluate((e) => getComputedStyle(e).overflow), "hidden", `${what} run over others`);
    }
    assert.ok((await page.evaluate(() => document.scrollingElement.scrollWidth)) <= 360, "the page is wider than the phone");
  });

  test(`what cannot be seen is no post, and that stands beside its field: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await write(page, `I am here, ${how}`, "Ben");
    for (const text of [" \n ", "\u200b\u2060\ufeff", "\u3164"]) {
      await page.goto("/messages/town");
      await compose(page, text);
      await send(page);
      await page.locator(".problem").getByText("Write something first").waitFor();
      const field = page.getByLabel("Your post");
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      assert.match(await field.getAttribute("aria-describedby"), new RegExp(`\\b${await page.locator(".problem").getAttribute("id")}\\b`));
    }
  });

  test(`names that deceive are refused in words, or cleaned: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await write(page, `what am I called, ${how}`, "Cid");
    const offered = async (name) => {
      await page.goto("/name");
      await page.getByLabel("Name").fill(name);
      await page.getByRole("button", { name: "Save" }).click();
    };
    for (const name of ["The Mayor", "Officia\u04cf", "P\u03bflice", "Fire D\u0435partment", "\uff26ire Department", "F\u200bE\u200bM\u200bA", "\u202eoffici\u202cal"]) {
      await offered(name);
      await page.locator(".problem").waitFor();
      assert.ok((await page.locator(".problem").innerText()).length > 20, name);
    }
    await offered(`C\u200bi\u202ed\u2066 ${how}`);
    await page.waitForURL("**/?done=name*");
    await page.goto("/messages/town");
    assert.match(await post(page, `what am I called, ${how}`).locator(".who").innerText(), new RegExp(`^Cid ${how}$`));
  });
}

/** Sees that what was posted made no element and no link, and that nothing sticks out. */
async function holds(page, at) {
  const made = await page.evaluate(() => ({
    elements: document.querySelectorAll("main img, main script, main b b, main i > i, main h1 ~ h1").length,
    away: [...document.querySelectorAll("a[href]")].map((a) => a.href).filter((h) => !h.startsWith(location.origin + "/")),
    wide: document.scrollingElement.scrollWidth > innerWidth + 1,
  }));
  assert.deepEqual(made, { elements: 0, away: [], wide: false }, at);
}

test("posts of two people under one client_id stay two while the page is open", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  const street = "Dupont Street";
  const ana = new Neighbor(place.hubs[0], "Ana");
  await ana.says("water at five", street, { client_id: "taken" });
  const live = page.waitForEvent("websocket").then((ws) => ws.waitForEvent("framereceived"));
  await page.goto("/messages/" + encodeURIComponent(street));
  await live;
  await new Neighbor(place.hubs[0], "Eve").says("no water at all", street, { client_id: "taken" });
  await post(page, "no water at all").waitFor();
  for (const i of [1, 2, 3]) {
    await ana.says(`tick ${i}`, street);
    await post(page, `tick ${i}`).waitFor();
  }
  const texts = await page.locator("#posts > li .text").allInnerTexts();
  assert.deepEqual(texts, ["tick 3", "tick 2", "tick 1", "no water at all", "water at five"]);
});

test("a list whose items have one id does not grow with every update", async (t) => {
  const { page } = await device(t, place.hubs[0]);
  const ana = new Neighbor(place.hubs[0], "Ana");
  await ana.says("the first", "Same Street");
  await page.addInitScript(() => {
    const text = Response.prototype.text;
    Response.prototype.text = async function () {
      return (await text.call(this)).replace(/<li id="p-[^"]*"/g, '<li id="p-same"');
    };
  });
  const live = page.waitForEvent("websocket").then((ws) => ws.waitForEvent("framereceived"));
  await page.goto("/messages/Same%20Street");
  await live;
  for (const i of [1, 2, 3]) {
    await ana.says(`tick ${i}`, "Same Street");
    await page.locator("#posts > li", { hasText: `tick ${i}` }).waitFor();
    assert.equal(await page.locator("#posts > li").count(), 1);
  }
});
