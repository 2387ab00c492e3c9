// Real hubs, a real browser, and the Wi-Fi between them.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, existsSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const lamppost = join(root, "bin", "lamppost");

/** Where the hub is for the browser. */
export const site = "http://lamppost.internal";

/** How long anything may take before it counts as not happening: machines are busy. */
export const patience = 30_000;

/** The ways in which every plain form has to work. */
export const ways = [
  ["with scripts", {}],
  ["without scripts", { javaScriptEnabled: false }],
];

/** A port that was free just now. */
export function freePort() {
  return new Promise((done, fail) => {
    const s = createServer();
    s.on("error", fail);
    s.listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => done(port));
    });
  });
}

/** Runs a command of lamppost to its end. Returns what it says. */
export function run(...args) {
  return new Promise((done, fail) => {
    const p = spawn(lamppost, args, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    p.stdout.on("data", (b) => (out += b));
    p.stderr.on("data", (b) => (out += b));
    p.on("error", fail);
    p.on("exit", (code) => (code === 0 ? done(out) : fail(new Error(`lamppost ${args[0]}: ${out}`))));
  });
}

/** Waits until probe returns something, and returns that. */
export async function eventually(what, probe, ms = 2 * patience) {
  const until = Date.now() + ms;
  for (;;) {
    const value = await probe().catch(() => undefined);
    if (value) return value;
    if (Date.now() > until) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((r) => setTimeout(r, 100));
  }
}

/** One hub in a folder of its own. */
class Hub {
  constructor(dir, ports, label) {
    Object.assign(this, { dir, ...ports, label });
  }

  get url() {
    return `http://127.0.0.1:${this.http}`;
  }

  async start(...more) {
    this.process = spawn(
      lamppost,
      ["run", "--data", this.dir, "--http", `127.0.0.1:${this.http}`, "--sync", `127.0.0.1:${this.sync}`, "--membership", "off",
        "--no-multicast", "--no-watch-internet", "--newcomers", "1000", "--until-stdin-closes", ...more],
      { stdio: ["pipe", "ignore", process.env.LAMPPOST_LOG ? "inherit" : "ignore"] },
    );
    await eventually(`${this.label} answers`, async () => (await fetch(this.url + "/api/v1/status")).ok);
  }

  /** Ends with the pipe that it reads, as it does when this process dies. */
  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    const gone = new Promise((done) => this.process.on("exit", done));
    this.process.stdin.end();
    await gone;
  }
}

/** The made-up town of the demo, at its first place. */
export async function demo() {
  const http = await freePort();
  const town = spawn(lamppost, ["demo", "--base", String(http)], { stdio: ["pipe", "ignore", "ignore"] });
  const stop = async () => {
    if (town.exitCode !== null) return;
    const gone = new Promise((done) => town.on("exit", done));
    town.stdin.end("quit\n");
    await gone;
  };
  try {
    const places = async () => (await (await fetch(`http://127.0.0.1:${http}/api/v1/maps/places`)).json()).features.length;
    await eventually("the demo has its places", async () => (await places()) > 0);
  } catch (e) {
    await stop();
    throw e;
  }
  return { http, stop };
}

/** A community of hubs, each linked with the first, whose clocks are right. */
export const town = (...labels) => found(labels, "--trust-clock");

/** The same, with flags for each hub. */
export async function found(labels, ...flags) {
  const base = mkdtempSync(join(tmpdir(), "lamppost-e2e-"));
  const hubs = [];
  const stop = async () => {
    await Promise.all(hubs.map((h) => h.stop()));
    rmSync(base, { recursive: true, force: true });
  };
  try {
    for (const [i, label] of labels.entries()) {
      const hub = new Hub(join(base, String(i)), { http: await freePort(), sync: await freePort() }, label);
      hubs.push(hub);
      if (i === 0) {
        await run("found", "Millbrook", "--data", hub.dir, "--place", label, "--keep-roots"); // in roots.txt
        await hub.start(...flags);
      } else {
        const first = `127.0.0.1:${hubs[0].sync}`;
        const code = (await run("invite", "--data", hubs[0].dir, "--quiet")).trim();
        await run("join", code, "--data", hub.dir, "--place", label, "--at", first);
        await hub.start("--peer", first, ...flags);
      }
    }
  } catch (e) {
    await stop();
    throw e;
  }
  return { hubs, stop };
}

/** Has the root sheets of a hub's community say what somebody may do who is known there. */
export const grant = (hub, who, roles, ...more) =>
  run("roster", "grant", who, "--roles", roles, ...more, "--data", hub.dir, "--sheets", join(hub.dir, "roots.txt"));

let addresses = 0;

/** An address of its own for each who asks a hub, as in a real network. */
export function ownAddress() {
  addresses++;
  return `127.1.${addresses >> 8}.${addresses & 255}`;
}

/** The Wi-Fi that a device is in: it leads to one hub, or to none. */
async function wifi() {
  const lines = new Set();
  const held = new Set();
  const localAddress = ownAddress();
  let port = 0;
  const net = {
    /** What gets lost on the way: what the device asks, what it is answered, its websockets. */
    loses: { asked: false, answered: false, live: false },
    /** Which requests are heard by the hub at once and answered only on release: a pattern for their head. */
    holds: null,
    release() {
      net.holds = null;
      held.forEach((hub) => hub.resume());
      held.clear();
    },
    /** Changes what the device is answered, keeping its length. */
    alter: (answer) => answer,
    /** Joins the Wi-Fi of a hub; without one the device is in none. */
    join(hub) {
      port = hub ? hub.http : 0;
      for (const l of lines) l.destroy();
    },
  };
  const server = createServer((phone) => {
    if (!port) return phone.destroy();
    const hub = connect({ port, host: "127.0.0.1", localAddress });
    lines.add(phone).add(hub);
    phone.on("data", (b) => {
      if (net.holds && net.holds.test(b.toString("latin1"))) held.add(hub.pause());
      if (net.loses.live && /^upgrade: websocket/im.test(b.toString("latin1"))) phone.destroy();
      else if (!net.loses.asked) hub.write(b);
    });
    hub.on("data", (b) => net.loses.answered || phone.write(Buffer.from(net.alter(b.toString("latin1")), "latin1")));
    for (const [a, b] of [[phone, hub], [hub, phone]]) {
      a.on("error", () => b.destroy());
      a.on("close", () => (b.destroySoon(), lines.delete(a)));
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  net.port = server.address().port;
  net.close = () => (lines.forEach((l) => l.destroy()), server.close());
  return net;
}

/** Takes away cookies, as the sheet does that a phone opens when it joins a Wi-Fi. */
export const noCookies = (answer) => answer.replace(/^set-cookie:/gim, "not-cookie:");

/** A browser that asks for nothing by itself. */
export const launch = (...more) => launchAt(process.env.HOME, ...more);

/** The same, of somebody whose folder is home: it trusts what is trusted there. */
export const launchAt = (home, ...more) =>
  chromium.launch({
    env: { ...process.env, HOME: home },
    executablePath: process.env.CHROMIUM || ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync),
    timeout: 2 * patience,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
      "--disable-sync", ...more],
  });

/** A browser of its own in the Wi-Fi of a hub, which ends with the test t. */
export async function device(t, hub, options = {}) {
  const net = await wifi();
  t.after(() => net.close());
  net.join(hub);
  const browser = await launch(`--host-resolver-rules=MAP lamppost.internal:80 127.0.0.1:${net.port}`);
  t.after(() => browser.close());
  const open = async (more = {}) => {
    const context = await browser.newContext({ viewport: phone, baseURL: site, locale: "en-US", ...options, ...more });
    context.setDefaultTimeout(patience);
    return { context, page: await context.newPage() };
  };
  return { net, browser, open, ...(await open()) };
}

/** Sizes of what people hold, in CSS pixels. */
export const phone = { width: 360, height: 640 };
export const desktop = { width: 1280, height: 800 };
