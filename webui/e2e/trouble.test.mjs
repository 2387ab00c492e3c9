// A phone in trouble: no Wi-Fi, no storage, a wrong clock, an old page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { device, noCookies, town } from "./harness.mjs";
import { Neighbor, compose, post, send, wentOutOnce, write, writeInVain } from "./people.mjs";

let place;
before(async () => (place = await town("Fire Station", "School")));
after(() => place.stop());

test("what waits outlives the page, and goes out by itself when the Wi-Fi is back", async (t) => {
  const { context, net, page } = await device(t, place.hubs[0]);
  await write(page, "I am Dora", "Dora");
  net.join(null);
  await writeInVain(page, "two cots are free");
  await writeInVain(page, "and a stove");
  await page.close();

  net.join(place.hubs[0]);
  const later = await context.newPage();
  await later.goto("/messages/town");
  await wentOutOnce(later, "two cots are free");
  await wentOutOnce(later, "and a stove");
});

test("all that a stranger wrote goes out as theirs when a place is in reach", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await page.clock.install();
  await page.goto("/messages/town");
  net.join(null);
  await compose(page, "the first of a stranger", "Dana");
  await send(page);
  await page.locator("#outbox li", { hasText: "the first of a stranger" }).waitFor();
  await page.clock.fastForward(100);
  await writeInVain(page, "the second of a stranger");
  net.join(place.hubs[0]);
  await page.clock.fastForward(11_000);
  for (const text of ["the first of a stranger", "the second of a stranger"]) {
    await wentOutOnce(page, text);
    assert.match(await post(page, text).innerText(), /^Dana\b/);
  }
});

test("a post whose answer got lost on the way is there once", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await page.clock.install();
  await write(page, "I am Gil", "Gil");
  await compose(page, "said into the void");
  net.loses.answered = true;
  await send(page);
  const reader = await device(t, place.hubs[0]);
  await reader.page.goto("/messages/town");
  await post(reader.page, "said into the void").waitFor();
  await page.clock.fastForward(16_000); // it takes too long
  await page.locator("#outbox").getByText("It waits on this device").waitFor();
  net.loses.answered = false;
  net.join(place.hubs[0]);
  await page.clock.fastForward(16_000);
  await wentOutOnce(page, "said into the void");
  await reader.page.reload();
  assert.equal(await post(reader.page, "said into the void").count(), 1);
});

test("a draft survives the Wi-Fi, a reload and the tab", async (t) => {
  const { context, net, page } = await device(t, place.hubs[0]);
  await page.goto("/messages/town");
  await compose(page, "half a thought");
  net.join(null);
  await page.close();
  net.join(place.hubs[0]);
  const later = await context.newPage();
  await later.goto("/messages/town");
  assert.equal(await later.getByLabel("Your post").inputValue(), "half a thought");
  await later.getByLabel("Your name").fill("Hal");
  await send(later);
  await post(later, "half a thought").waitFor();
  await later.goto("/messages/town");
  assert.equal(await later.getByLabel("Your post").inputValue(), "", "what was posted is offered again");
});

test("a change that is half written survives the Wi-Fi and the tab, until it is saved", async (t) => {
  const { context, net, page } = await device(t, place.hubs[0]);
  await write(page, "the bridge is closed", "Nele");
  await post(page, "the bridge is closed").getByRole("link", { name: "Change" }).click();
  await page.getByLabel("Your post").fill("the bridge is open");
  const edit = page.url();
  net.join(null);
  await page.getByRole("button", { name: "Save" }).click();
  await page.close();
  net.join(place.hubs[0]);
  const later = await context.newPage();
  await later.goto(edit);
  assert.equal(await later.getByLabel("Your post").inputValue(), "the bridge is open");
  await later.getByRole("button", { name: "Save" }).click();
  await later.getByRole("status").getByText("Changed.").waitFor();
  await later.goto(edit);
  assert.equal(await later.evaluate(() => localStorage.length), 0, "what was saved is kept");
  assert.equal(await later.getByLabel("Your post").inputValue(), "the bridge is open");

  await later.getByLabel("Your post").fill("which bridge");
  await later.locator("summary", { hasText: "Take it back" }).click();
  await later.getByRole("button", { name: "Yes, take it back" }).click();
  await later.getByRole("status").getByText("Taken back.").waitFor();
  assert.equal(await later.evaluate(() => localStorage.length), 0, "what was taken back is kept");
});

test("a change that is half written does not overwrite what was changed elsewhere meanwhile", async (t) => {
  const { context, page } = await device(t, place.hubs[0]);
  await write(page, "soup at five", "Olga");
  await post(page, "soup at five").getByRole("link", { name: "Change" }).click();
  const edit = page.url();
  await page.getByLabel("Your post").fill("soup at six");
  const other = await context.newPage();
  await other.addInitScript(() => Object.defineProperty(window, "localStorage", { value: undefined })); // as on another device
  await other.goto(edit);
  await other.getByLabel("Your post").fill("soup at seven");
  await other.getByRole("button", { name: "Save" }).click();
  await other.getByRole("status").getByText("Changed.").waitFor();
  await page.goto(edit);
  assert.equal(await page.getByLabel("Your post").inputValue(), "soup at six");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("You have changed this post meanwhile").waitFor();
  await page.getByText("soup at seven").waitFor();
  assert.equal(await page.getByLabel("Your post").inputValue(), "soup at six");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").getByText("Changed.").waitFor();
  await page.locator("#post").getByText("soup at six").waitFor();
});

test("the fifty-first post that waits is refused in words and stays in its form", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await write(page, "I am Ida", "Ida");
  net.join(null);
  await writeInVain(page, "the first that waits");
  await page.evaluate(async () => {
    const db = await new Promise((done) => (indexedDB.open("lamppost").onsuccess = (e) => done(e.target.result)));
    const table = db.transaction("outbox", "readwrite").objectStore("outbox");
    table.getAll().onsuccess = (e) => {
      for (let i = 1; i < 50; i++) table.put({ ...e.target.result[0], id: `more-${i}` });
    };
    await new Promise((done) => (table.transaction.oncomplete = done));
  });
  await compose(page, "one too many");
  await send(page);
  await page.getByRole("status").getByText("Too many posts wait on this device").waitFor();
  assert.equal(await page.getByLabel("Your post").inputValue(), "one too many");
});

const storages = {
  forbidden: () => {
    const no = { get() { throw new DOMException("denied", "SecurityError"); } };
    Object.defineProperty(window, "localStorage", no);
    Object.defineProperty(window, "indexedDB", no);
  },
  missing: () => {
    for (const name of ["localStorage", "indexedDB"]) Object.defineProperty(window, name, { value: undefined });
  },
  full: () => {
    const full = () => { throw new DOMException("full", "QuotaExceededError"); };
    Storage.prototype.setItem = full;
    IDBObjectStore.prototype.put = full;
  },
  silent: () => {
    IDBFactory.prototype.open = () => ({}); // as some browsers do until they are started again
  },
  stuck: () => {
    const none = () => ({});
    IDBDatabase.prototype.transaction = () => ({ objectStore: () => ({ put: none, getAll: none, delete: none, clear: none }) });
  },
};
for (const [which, without] of Object.entries(storages)) {
  test(`storage is ${which}: posts go out, and wait in the page`, async (t) => {
    const { context, net, page } = await device(t, place.hubs[0]);
    await context.addInitScript(without);
    await page.clock.install();
    const broken = [];
    page.on("pageerror", (e) => broken.push(e.message));
    await write(page, `storage is ${which}`, "Jon");
    net.join(null);
    await writeInVain(page, `still here, ${which}`, "Nothing can be kept on this device");
    net.join(place.hubs[0]);
    await page.clock.fastForward(11_000);
    await wentOutOnce(page, `still here, ${which}`);
    assert.deepEqual(broken, []);
  });
}

for (const which of ["silent", "stuck"]) {
  test(`storage is ${which}: it holds up no post, and no one who wants to be forgotten`, async (t) => {
    const { context, page } = await device(t, place.hubs[0]);
    await write(page, "I am Ora", "Ora");
    await page.getByRole("link", { name: "Write down your return code." }).click();
    await page.getByRole("button", { name: "I have written them down" }).click();
    await page.waitForURL("**/?done=code*");
    await context.addInitScript(storages[which]);
    await page.goto("/messages/town");
    await compose(page, `posted all the same, ${which}`);
    const pressed = Date.now();
    await send(page);
    await post(page, `posted all the same, ${which}`).waitFor();
    assert.ok(Date.now() - pressed < 3_000, `it took ${Date.now() - pressed} ms`);
    await page.goto("/signout");
    await page.getByRole("button", { name: "Forget me on this phone" }).click();
    await page.waitForURL(/done=out|done=forgot/);
  });
}

test("a script that fails leaves the post to the plain form", async (t) => {
  const { context, page } = await device(t, place.hubs[0]);
  await write(page, "I am Pia", "Pia");
  await context.addInitScript(() => {
    crypto.getRandomValues = () => {
      throw new Error("no");
    };
  });
  await page.goto("/messages/town");
  await compose(page, "by the plain form");
  await send(page);
  await post(page, "by the plain form").waitFor();
});

for (const year of [2009, 2041]) {
  test(`a phone whose clock says ${year} reads and writes like any other`, async (t) => {
    const { net, page } = await device(t, place.hubs[0]);
    await page.clock.install({ time: `${year}-01-01` });
    await write(page, `my clock says ${year}`, "Kim");
    assert.match(await post(page, `my clock says ${year}`).innerText(), /just now/);
    const said = `and ${year} hears it`;
    await new Neighbor(place.hubs[0], "Lea").says(said);
    await post(page, said).waitFor();
    net.join(null);
    await writeInVain(page, `from ${year}`);
    net.join(place.hubs[0]);
    await page.clock.fastForward(11_000);
    await wentOutOnce(page, `from ${year}`);
  });
}

test("the page of an older build says that the place was updated, and keeps what is typed", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await write(page, "I am Max", "Max");
  await compose(page, "I was in the middle of");
  net.alter = (answer) => answer.replace(/^(lamppost-build: )./im, "$1?");
  await new Neighbor(place.hubs[0], "Nia").says("after the update");
  await page.getByRole("status").getByText("This place was updated").waitFor();
  assert.equal(await post(page, "after the update").count(), 0);
  const taken = await page.locator("nav a").evaluateAll((all) => {
    const free = (a, x, y) => a.contains(document.elementFromPoint(x, y));
    const whole = (a, r) => [r.top + 4, r.bottom - 4].every((y) => [r.left + 4, r.right - 4].every((x) => free(a, x, y)));
    return all.filter((a) => !whole(a, a.getBoundingClientRect())).map((a) => a.innerText);
  });
  assert.deepEqual(taken, [], "what it says lies over the header");
  net.alter = (answer) => answer;
  await page.getByRole("button", { name: "This place was updated" }).click();
  await post(page, "after the update").waitFor();
  assert.equal(await page.getByLabel("Your post").inputValue(), "I was in the middle of");
  await send(page);
  await wentOutOnce(page, "I was in the middle of");
});

test("that the place was updated stays said until it is heeded", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await page.clock.install();
  await write(page, "I am Sue", "Sue");
  const neighbor = new Neighbor(place.hubs[0], "Tom");
  await neighbor.says("before it changed");
  await page.getByRole("status").getByText("There is a new post.").waitFor();
  net.alter = (answer) => answer.replace(/^(lamppost-build: )./im, "$1?");
  await page.clock.fastForward(3_000);
  await neighbor.says("after it changed");
  const updated = page.getByRole("button", { name: "This place was updated" });
  await updated.waitFor();
  await page.clock.fastForward(9_000);
  assert.equal(await updated.count(), 1, "nobody is told any more that the page stands still");

  net.join(null);
  await writeInVain(page, "said beside it");
  await page.clock.fastForward(9_000);
  await page.getByRole("status").getByText("It waits on this device").waitFor({ state: "detached" });
  net.alter = (answer) => answer;
  net.join(place.hubs[0]);
  await updated.click();
  await post(page, "after it changed").waitFor();
});

test("what is posted from the page of an older build is said to be posted", async (t) => {
  const { net, page } = await device(t, place.hubs[0]);
  await write(page, "I am Rosa", "Rosa");
  net.alter = (answer) => answer.replace(/^(lamppost-build: )./im, "$1?");
  net.join(place.hubs[0]);
  for (const text of ["from an old page", "and from it again"]) {
    await compose(page, text);
    await send(page);
    await page.getByRole("status").getByText("Posted. Refresh the page to see it.").waitFor();
    await page.evaluate(() => (document.querySelector("#said").textContent = ""));
  }
  net.alter = (answer) => answer;
  await page.reload();
  await wentOutOnce(page, "from an old page");
  await wentOutOnce(page, "and from it again");
});

test("the sheet that a phone opens when it joins the Wi-Fi: no cookies, no storage, no websocket", async (t) => {
  const { context, net, page } = await device(t, place.hubs[0]);
  await context.addInitScript(storages.forbidden);
  net.alter = noCookies;
  net.loses.live = true;
  await page.clock.install();
  await page.goto("/");
  await page.getByRole("link", { name: "Talk" }).first().click();
  await page.getByRole("link", { name: /Town talk/ }).click();
  await compose(page, "from the sheet", "Pat");
  await send(page);
  await post(page, "from the sheet").waitFor();
  await compose(page, "and once more");
  await send(page);
  await post(page, "and once more").waitFor();
  assert.match(await post(page, "and once more").innerText(), /^Pat\b/);
  await new Neighbor(place.hubs[0], "Quin").says("hello to the sheet");
  await page.clock.fastForward(20_000);
  await post(page, "hello to the sheet").waitFor();
});

test("neither scripts nor cookies: whoever follows links stays who they are", async (t) => {
  const { net, page } = await device(t, place.hubs[0], { javaScriptEnabled: false });
  net.alter = noCookies;
  await page.goto("/messages/town");
  await compose(page, "by plain forms", "Ravi");
  await send(page);
  await post(page, "by plain forms").waitFor();
  await page.getByRole("link", { name: "Write down your return code." }).click();
  assert.equal(await page.locator(".code li").count(), 6);
  await page.getByRole("button", { name: "I have written them down" }).click();
  await page.waitForURL("**/?done=code*");
  await page.getByRole("link", { name: "You", exact: true }).first().click();
  await page.getByText("Here you are Ravi").waitFor();
  await page.getByRole("link", { name: "Talk" }).first().click();
  await page.getByRole("link", { name: /Town talk/ }).click();
  await compose(page, "by plain forms again");
  assert.equal(await page.getByLabel("Your name").count(), 0, "it does not know who this is");
  await send(page);
  assert.match(await post(page, "by plain forms again").innerText(), /^Ravi\b/);
});
