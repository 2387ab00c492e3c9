// What people do on the pages, by the words that they find there.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { ownAddress } from "./harness.mjs";

/** The list of posts on a page of the talk. */
export const posts = (page) => page.locator("#posts");

/** One post by its text. */
export const post = (page, text) => page.locator("#posts > li", { hasText: text });

/** Opens the form for a post and types, whatever the page's language. */
export async function compose(page, text, name) {
  const form = page.locator("details.write");
  if (!(await form.evaluate((d) => d.open))) await form.locator("summary").click();
  await form.locator("[name=text]").fill(text);
  if (name) await form.locator("[name=name]").fill(name);
}

/** Presses Post. */
export const send = (page) => page.locator("details.write form button:not([type=button])").click();

/** Writes a post in the town's talk and sees it there. */
export async function write(page, text, name) {
  await page.goto("/messages/town");
  const before = await post(page, text).count(); // another test may have written the same
  await compose(page, text, name);
  await send(page);
  await post(page, text).nth(before).waitFor();
}

/** Writes a post where no hub is in reach, and sees that it waits. */
export async function writeInVain(page, text, words = "It waits on this device") {
  await compose(page, text);
  await send(page);
  await page.locator("#outbox li", { hasText: text }).getByText(words).waitFor();
  await page.getByRole("status").getByText(words).waitFor();
}

/** Sees a post once, and nothing that waits, also after a reload. */
export async function wentOutOnce(page, text) {
  await post(page, text).waitFor();
  for (const again of [false, true]) {
    if (again) await page.reload();
    assert.equal(await post(page, text).count(), 1);
    await page.locator("#outbox").waitFor({ state: "hidden" });
  }
}

/** Opens a post's own page, where it and its replies stand. */
export const openThread = (page, text) => post(page, text).first().getByRole("link", { name: /Repl/ }).click();

/** The reader's six words, as the page shows them. */
export async function sixWords(page) {
  await page.goto("/code");
  return (await page.locator(".code li").allTextContents()).join(" ");
}

/** Signs in by the six words. */
export async function comeBack(page, words) {
  await page.goto("/return");
  await page.getByLabel("Your six words").fill(words);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/?done=back*");
}

/** A neighbor without a browser, who writes through the hub's interface for programs. */
export class Neighbor {
  constructor(hub, name) {
    Object.assign(this, { hub, name, address: ownAddress() });
  }

  says(text, channel = "town", more = {}) {
    return this.#writes(`messages/${encodeURIComponent(channel)}`, { text, ...more });
  }

  /** Asks coordinators whether it is true that … */
  asks(text) {
    return this.#writes("notices/questions", { text });
  }

  async #writes(path, fields) {
    const body = { client_id: randomUUID(), ...(this.token ? {} : { name: this.name }), ...fields };
    const { status, said } = await this.#ask(`/api/v1/${path}`, body);
    if (status > 299) throw new Error(`${this.name} could not write: ${said.detail}`);
    this.token ??= said.session.token;
    return said;
  }

  #ask(path, body) {
    const headers = { ...this.headers, "Content-Type": "application/json", ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}) };
    return new Promise((done, fail) => {
      const ask = request(this.hub.url + path, { method: "POST", headers, localAddress: this.address }, async (r) => {
        let text = "";
        for await (const piece of r.setEncoding("utf8")) text += piece;
        done({ status: r.statusCode, said: JSON.parse(text) });
      });
      ask.on("error", fail);
      ask.end(JSON.stringify(body));
    });
  }
}

/** Several neighbors write one after the other, as one alone may not write so much. */
export async function crowd(hub, texts, channel) {
  const people = ["Ana", "Bo", "Cem", "Dee", "Eli", "Flo", "Gus", "Hal", "Ida", "Jon"].map((name) => new Neighbor(hub, name));
  for (const [i, text] of texts.entries()) await people[i % people.length].says(text, channel);
}

/** The middle one of some numbers. */
export const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

/** The numbers from 1 to n. */
export const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1);
