// Finding what was said, on a screen, on a wall and on paper.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, town, ways } from "./harness.mjs";
import { Neighbor, write } from "./people.mjs";

let place;
before(async () => {
  place = await town("Fire Station", "School");
  const ana = new Neighbor(place.hubs[0], "Ana");
  await ana.says("A Generator is running at the CAFÉ on the corner.");
  await ana.says("The generator at the school is broken.");
  await new Neighbor(place.hubs[0], "Bo").says("Who lends me a generator?", "Elm Street");
  await new Neighbor(place.hubs[0], "Cem").says("学校有干净的水", "Elm Street");
});
after(() => place.stop());

for (const [how, options] of ways) {
  test(`a search finds words in all talks, whatever their case and accents: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/messages/");
    await page.getByRole("link", { name: "Search" }).first().click();
    const look = async (words) => {
      await page.getByLabel("Words to look for").fill(words);
      await page.locator("main form").getByRole("button", { name: "Search" }).click();
      await page.waitForURL((u) => u.searchParams.get("q") === words);
      return page.locator("main .posts > li .text").allTextContents();
    };
    assert.equal((await look("generator")).length, 3);
    assert.match((await look("GENERATOR"))[0], /Who lends me/, "the newest is not first");
    assert.deepEqual(await look("cafe generator"), ["A Generator is running at the CAFÉ on the corner."]);
    assert.deepEqual(await look("干净"), ["学校有干净的水"]);
    assert.deepEqual(await look("zeppelin"), []);
    await page.getByText("Nothing found").waitFor();
    await look("generator broken");
    await page.locator("main .posts").getByRole("link", { name: /Town talk/ }).click();
    await page.waitForURL("**/messages/town");
  });

  test(`a search stays within one talk: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/messages/" + encodeURIComponent("Elm Street"));
    await page.getByRole("link", { name: "Search" }).first().click();
    await page.getByLabel("Words to look for").fill("generator");
    await page.locator("main form").getByRole("button", { name: "Search" }).click();
    await page.waitForURL(/q=generator/);
    assert.deepEqual(await page.locator("main .posts > li .text").allTextContents(), ["Who lends me a generator?"]);
  });

  test(`a talk begins with its first post: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await page.goto("/messages/");
    await page.getByLabel("Name of the talk").fill(`Oak Lane ${how}`);
    await page.getByRole("button", { name: "Open" }).click();
    await page.locator("details.write summary").click();
    await page.getByLabel("Your post").fill("first on the lane");
    await page.getByRole("button", { name: "Post", exact: true }).click();
    await page.locator("#posts").getByText("first on the lane").waitFor();
    await page.goto("/messages/");
    await page.getByRole("link", { name: `Oak Lane ${how}` }).waitFor();
  });

  test(`a talk that looks like another begins only on purpose: ${how}`, async (t) => {
    const { page } = await device(t, place.hubs[0], options);
    await write(page, "somebody has a name", "Eve");
    await page.goto("/messages/" + encodeURIComponent(`pine-road ${how}`));
    await new Neighbor(place.hubs[0], "Fay").says("Water here", `Pine Road ${how}`);
    await page.locator("details.write summary").click();
    await page.getByLabel("Your post").fill("anybody here?");
    await page.getByRole("button", { name: "Post", exact: true }).click();
    await page.getByText(/already a talk called/).first().waitFor();
    assert.equal(await page.getByLabel("Your post").inputValue(), "anybody here?");
    await page.getByRole("button", { name: "Post", exact: true }).click();
    await page.locator("#posts").getByText("anybody here?").waitFor();
  });

  test(`what is new goes on paper, for everybody: ${how}`, async (t) => {
    const { context, page } = await device(t, place.hubs[0], options);
    await write(page, `for the wall, ${how}`, "Dee");
    await page.goto("/");
    await page.getByRole("link", { name: "What is new, on paper" }).click();
    await page.waitForURL("**/print*");
    await page.emulateMedia({ media: "print" });
    await page.getByText(`for the wall, ${how}`).waitFor();
    const shown = await page.locator("main").innerText();
    assert.match(shown, /Fire Station/);
    assert.match(shown, /lamppost\.internal/);
    assert.equal(await page.locator("nav, button, main a.button").filter({ visible: true }).count(), 0);
    assert.equal(await page.locator("main").evaluate((m) => getComputedStyle(m).color), "rgb(0, 0, 0)");
    const pdf = await page.pdf({ format: "A4" });
    assert.ok(pdf.length > 5_000);
    assert.ok((await context.cookies()).length > 0, "it signed somebody out");
  });

  test(`the screen on the wall goes through its sheets and knows nobody: ${how}`, async (t) => {
    const { context, page } = await device(t, place.hubs[0], options);
    await page.goto("/kiosk");
    let all = "";
    for (let i = 0; i < 10; i++) {
      all += await page.locator("body").innerText();
      assert.equal(await page.locator("form, input, textarea").count(), 0);
      const next = await page.locator("body").getAttribute("data-next");
      if (next.endsWith("sheet=0")) break;
      await page.goto(next);
    }
    assert.match(all, /What neighbors say[^]*School[^]*How to come back/);
    assert.ok((await page.locator("svg").count()) > 0);
    assert.deepEqual(await context.cookies(), []);
  });
}

test("the screen on the wall goes on by itself after the place was restarted", async (t) => {
  const own = await town("Clinic");
  t.after(() => own.stop());
  const { page } = await device(t, own.hubs[0]);
  await page.clock.install();
  await page.goto("/kiosk");
  const turns = async (to) => {
    await page.clock.fastForward(21_000);
    await page.locator(`body[data-next$="sheet=${to}"]`).waitFor();
  };
  for (const next of [2, 3, 4]) await turns(next);
  const away = page.getByText("does not reach its place");
  await own.hubs[0].stop();
  await page.clock.fastForward(21_000);
  await away.waitFor();
  await page.clock.fastForward(60_000);
  await page.getByText("Places in reach").first().waitFor();
  await own.hubs[0].start("--trust-clock");
  await page.clock.fastForward(6_000);
  await page.locator('body[data-next$="sheet=0"]').waitFor();
  await away.waitFor({ state: "hidden" });
  await turns(1);
});

test("the screen on the wall shows what is new at once", async (t) => {
  const { page: wall } = await device(t, place.hubs[0]);
  let sheet = -1;
  do await wall.goto(`/kiosk?sheet=${++sheet}`);
  while (!(await wall.getByText("What neighbors say").count()));
  const { page } = await device(t, place.hubs[0]);
  for (let i = 0; i < 2; i++) {
    const text = `Soup on the square ${i}`;
    await write(page, text, ...(i ? [] : ["Sue"]));
    await wall.getByText(text).first().waitFor({ timeout: 3_000 }); // with what it takes on a busy machine
    assert.equal(await wall.locator("body").getAttribute("data-here"), `/kiosk?sheet=${sheet}`, "it turned instead");
  }
});

for (const [how, options] of ways) {
  test(`the screen on the wall asks whoever opens it, and signs them out: ${how}`, async (t) => {
    const { context, page } = await device(t, place.hubs[0], options);
    await write(page, "I hang up a screen", "Ugo");
    await page.goto("/");
    await page.getByRole("link", { name: "For who looks after this place" }).click();
    await page.getByRole("link", { name: /For a screen on the wall/ }).click();
    await page.getByRole("link", { name: "Show my code first" }).click();
    await page.getByRole("button", { name: "I have written them down" }).click();
    await page.waitForURL("**/?done=code*");
    await page.goto("/kiosk");
    await page.getByRole("button", { name: "Sign out on this device" }).click();
    await page.getByRole("status").getByText("belongs to nobody").waitFor();
    assert.deepEqual((await context.cookies()).filter((c) => c.name !== "lp_lang"), []);
    await page.goto("/you");
    assert.equal(await page.getByText("Here you are Ugo").count(), 0, "it knows who hung it up");
  });
}
