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

/** A port that was free just now. */
function freePort() {
  return new Promise((done, fail) => {
    const s = createServer();
    s.on("error", fail);
    s.listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => done(port));
    });
  });
}

function output(args) {
  return new Promise((done, fail) => {
    const p = spawn(lamppost, args, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    p.stdout.on("data", (b) => (out += b));
    p.stderr.on("data", (b) => (out += b));
    p.on("error", fail);
    p.on("exit", (code) => (code === 0 ? done(out) : fail(new Error(`lamppost ${args[0]}: ${out}`))));
  });
}

async function eventually(what, probe, ms = 20_000) {
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
        "--no-multicast", "--trust-clock", "--newcomers", "1000", "--until-stdin-closes", ...more],
      { stdio: ["pipe", "ignore", process.env.LAMPPOST_LOG ? "inherit" : "ignore"] },
    );
    await eventually(`${this.label} answers`, async () => (await fetch(this.url + "/api/v1/status")).ok);
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    const gone = new Promise((done) => this.process.on("exit", done));
    this.process.stdin.end();
    await gone;
  }
}

/** A community of hubs, each linked with the first. */
export async function town(...labels) {
  const base = mkdtempSync(join(tmpdir(), "lamppost-e2e-"));
  const hubs = [];
  for (const [i, label] of labels.entries()) {
    const hub = new Hub(join(base, String(i)), { http: await freePort(), sync: await freePort() }, label);
    if (i === 0) {
      await output(["found", "Millbrook", "--data", hub.dir, "--place", label]);
      await hub.start();
    } else {
      const code = (await output(["invite", "--data", hubs[0].dir, "--quiet"])).trim();
      await output(["join", code, "--data", hub.dir, "--place", label, "--at", `127.0.0.1:${hubs[0].sync}`]);
      await hub.start("--peer", `127.0.0.1:${hubs[0].sync}`);
    }
    hubs.push(hub);
  }
  return {
    hubs,
    async stop() {
      await Promise.all(hubs.map((h) => h.stop()));
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** The Wi-Fi that a device is in: it leads to one hub, or to none. */
export async function wifi() {
  const lines = new Set();
  let port = 0;
  const server = createServer((phone) => {
    if (!port) return phone.destroy();
    const hub = connect(port, "127.0.0.1");
    lines.add(phone).add(hub);
    for (const [a, b] of [[phone, hub], [hub, phone]]) {
      a.on("error", () => b.destroy());
      a.on("close", () => (b.destroy(), lines.delete(a)));
      a.pipe(b);
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: server.address().port,
    /** Joins the Wi-Fi of a hub; without one the device is in none. */
    join(hub) {
      port = hub ? hub.http : 0;
      for (const l of lines) l.destroy();
    },
    close: () => (lines.forEach((l) => l.destroy()), server.close()),
  };
}

/** A browser of its own, in a Wi-Fi of its own. */
export async function device(hub, options = {}) {
  const net = await wifi();
  net.join(hub);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
      "--disable-sync", `--host-resolver-rules=MAP lamppost.internal:80 127.0.0.1:${net.port}`],
  });
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, baseURL: site, ...options });
  context.setDefaultTimeout(10_000);
  return { net, browser, context, page: await context.newPage(), close: async () => (await browser.close(), net.close()) };
}
