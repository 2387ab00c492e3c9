// Where official words are entered: over HTTPS, by a browser that trusts the community's own authority.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { violations } from "./access.mjs";
import { eventually, found, freePort, launchAt, patience, phone, run, site } from "./harness.mjs";
import { sixWords, write } from "./people.mjs";

const secure = "https://lamppost.internal";

let place, hub, port, base;
before(async () => {
  port = await freePort();
  place = await found(["Fire Station"], "--trust-clock", "--https", `127.0.0.1:${port}`);
  hub = place.hubs[0];
  base = mkdtempSync(join(tmpdir(), "lamppost-official-"));
  await run("ca", "init", "--data", hub.dir);
  await eventually("the pages are over HTTPS", async () => (await run("ca", "show", "--data", hub.dir)).includes("Official at"));
});
after(async () => {
  await place.stop();
  rmSync(base, { recursive: true, force: true });
});

let browsers = 0;

/** A browser in the Wi-Fi of the hub; enrolled, it trusts the certificate that the page gives out. */
async function browser(t, enrolled, ...rules) {
  const home = join(base, String(browsers++));
  const trusted = join(home, ".pki", "nssdb");
  mkdirSync(trusted, { recursive: true });
  execFileSync("certutil", ["-d", `sql:${trusted}`, "-N", "--empty-password"]);
  if (enrolled) {
    const file = join(home, "lamppost.crt");
    writeFileSync(file, Buffer.from(await (await fetch(hub.url + "/enrol/lamppost.crt")).arrayBuffer()));
    execFileSync("certutil", ["-d", `sql:${trusted}`, "-A", "-t", "C,,", "-n", "Lamppost", "-i", file]);
  }
  const all = [`MAP lamppost.internal:443 127.0.0.1:${port}`, `MAP lamppost.internal:80 127.0.0.1:${hub.http}`, ...rules];
  const b = await launchAt(home, `--host-resolver-rules=${all.join(", ")}`);
  t.after(() => b.close());
  const context = await b.newContext({ viewport: phone, baseURL: site, locale: "en-US" });
  context.setDefaultTimeout(patience);
  return { context, page: await context.newPage() };
}

/** A text that is to be seen: a banner may hold it too, folded. */
const seen = (page, text) => page.getByText(text).locator("visible=true").first().waitFor();

const official = (page) => page.getByText("This page is official");

test("an enrolled device signs in over HTTPS, and not by what began on plain http", async (t) => {
  const { context, page } = await browser(t, true);
  await page.goto("/");
  await write(page, "hello", "Ana");
  const words = await sixWords(page);
  await page.goto("/enrol");
  assert.equal(await official(page).count(), 0);
  assert.equal(await page.locator(`a[href="${secure}:${port}/"]`).count(), 1);

  await page.goto(secure + "/you");
  await page.getByRole("link", { name: "I have six words already" }).click();
  await official(page).waitFor();
  await signIn(page, words);
  await page.waitForURL(secure + "/?done=back*");
  await page.goto(secure + "/you");
  await page.getByText("Here you are Ana").waitFor();
  const cookies = await context.cookies();
  const over = cookies.filter((c) => c.name.startsWith("__Host-lp_") && c.name !== "__Host-lp_lang");
  const plain = cookies.filter((c) => /^lp_[0-9a-f]+$/.test(c.name));
  assert.deepEqual([over.length, over[0].secure, over[0].httpOnly, over[0].path], [1, true, true, "/"]);
  assert.equal(plain.length, 1);
  assert.notEqual(plain[0].value, over[0].value);
  assert.equal(new URL(page.url()).pathname, "/you", "a session stays in the address");

  await page.goto("/enrol");
  assert.equal(await official(page).count(), 0);
});

/** Somebody who has written here, is a coordinator since, and knows their six words. */
async function coordinator(page, name) {
  await page.goto("/");
  await write(page, `hello from ${name}`, name);
  const words = await sixWords(page);
  await run("roster", "grant", name, "--roles", "notices", "--data", hub.dir, "--sheets", join(hub.dir, "roots.txt"));
  return words;
}

/** Signs in where the page is. */
async function signIn(page, words) {
  await page.getByLabel("Your six words").fill(words);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("a coordinator prepares a notice on plain http and releases over HTTPS, in at most five taps", async (t) => {
  const { page } = await browser(t, true);
  const words = await coordinator(page, "Maria");
  await page.goto("/notices/new");
  await page.getByText("Nothing official is signed from here").waitFor();
  await page.getByRole("link", { name: "Road closed" }).click();
  await page.getByLabel("One sentence").fill("Elm Street at the bridge.");
  assert.equal(await page.getByRole("button", { name: "Release it now" }).count(), 0);
  await page.getByRole("button", { name: "Keep as a draft" }).click();
  await page.goto("/");
  assert.equal(await page.getByText("Elm Street at the bridge.").count(), 0, "a draft is told to everybody");

  await page.goto("/return"); // where anybody may be listening
  await signIn(page, words);
  await page.getByText("These six words are official").waitFor();

  await page.goto(secure + "/return");
  await signIn(page, words);
  await page.waitForURL(secure + "/?done=back*");
  let taps = 0;
  const tap = async (what) => (taps++, what.click());
  const began = Date.now();
  await tap(page.locator("nav").getByRole("link", { name: "Notices" }));
  await tap(page.getByRole("link", { name: "Write a notice" }));
  await tap(page.getByRole("link", { name: "Boil" }));
  await page.getByLabel("One sentence").fill("All of the upper town.");
  await tap(page.getByRole("button", { name: "Release it now" }));
  await seen(page, "All of the upper town.");
  t.diagnostic(`${taps} taps, ${Date.now() - began} ms`);
  assert.ok(taps <= 5, `${taps} taps`);

  await page.goto(secure + "/notices/drafts");
  await page.getByRole("button", { name: "Release it now" }).click();
  const other = await browser(t, false); // a neighbor's, on plain http
  await other.page.goto("/messages/town");
  await seen(other.page, "Boil");
  await other.page.goto("/notices/");
  for (const text of ["Elm Street at the bridge.", "All of the upper town."]) await seen(other.page, text);
});

test("the page of enrolling is for everybody, in every language", async (t) => {
  const { page } = await browser(t, false);
  for (const code of ["en", "ar", "vi"]) {
    await page.goto(`/~${code}/enrol`);
    await page.locator("details").evaluateAll((all) => all.forEach((d) => (d.open = true)));
    assert.deepEqual(await violations(page), [], code);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${code}: it is wider than the phone`);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/enrol-${code}.png`, fullPage: true });
  }
});

test("a device that is not enrolled warns", async (t) => {
  const { page } = await browser(t, false);
  await assert.rejects(page.goto(secure + "/"), /ERR_CERT_AUTHORITY_INVALID/);
});

test("whoever has stolen the authority's key passes for nobody else", async (t) => {
  const dir = mkdtempSync(join(base, "stolen-"));
  const at = (name) => join(dir, name);
  const [, signer] = readFileSync(join(hub.dir, "authority.pem"), "utf8").split(/(?<=-----END CERTIFICATE-----\n)/);
  writeFileSync(at("signer.pem"), signer);
  const openssl = (...args) => execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });
  const forge = async (host) => {
    writeFileSync(at("ext"), `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n`);
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "req.pem", "-subj", `/CN=${host}`);
    openssl("x509", "-req", "-in", "req.pem", "-CA", "signer.pem", "-CAkey", join(hub.dir, "authority.key"), "-set_serial", "7", "-days", "30", "-extfile", "ext", "-out", "leaf.pem");
    const server = createServer({ key: readFileSync(at("key.pem")), cert: readFileSync(at("leaf.pem"), "utf8") + signer }, (_, res) => res.end("forged"));
    t.after(() => server.close());
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    return `MAP ${host}:443 127.0.0.1:${server.address().port}`;
  };
  const { context, page } = await browser(t, true, await forge("www.google.com"), await forge("wiki.internal"), await forge("x.lamppost.internal"));
  await page.goto("https://x.lamppost.internal/"); // within its bounds: so the others fail because of them
  await page.getByText("forged").waitFor();
  for (const host of ["www.google.com", "wiki.internal"]) {
    await assert.rejects((await context.newPage()).goto(`https://${host}/`), /ERR_CERT_/, host);
  }
});
