// Bundles each island into dist/, for browsers of 2018 and later. What an app does
// on its pages is its island.ts; pages of the hub's own have islands/own.ts.
import { build } from "esbuild";
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const apps = join(here, "..", "apps");
const dist = join(here, "dist");

const entryPoints = { own: join(here, "islands", "own.ts") };
const alias = {};
for (const app of readdirSync(apps)) {
  const island = join(apps, app, "island.ts");
  if (existsSync(island)) entryPoints[app] = island;
  const more = join(apps, app, "island", "bundle.mjs"); // scripts that only some of its pages load
  if (!existsSync(more)) continue;
  const bundle = await import(more);
  Object.assign(entryPoints, bundle.entryPoints);
  Object.assign(alias, bundle.alias);
}
for (const old of readdirSync(dist)) {
  if (old.endsWith(".js")) rmSync(join(dist, old));
}
const { metafile } = await build({
  entryPoints,
  alias,
  outdir: dist,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2015",
  charset: "utf8",
  legalComments: "none", // notices.txt has all of them, whole
  metafile: true,
  logLevel: "warning",
});

// What of others is in the scripts: their terms go with the program (lamppost version --notices).
const modules = "node_modules/";
const notices = new Map();
for (const [out, { inputs }] of Object.entries(metafile.outputs)) {
  const within = new Set();
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    const at = input.lastIndexOf(modules);
    if (at < 0 || bytesInOutput === 0) continue;
    const parts = input.slice(at + modules.length).split("/");
    within.add(input.slice(0, at + modules.length) + parts.slice(0, parts[0].startsWith("@") ? 2 : 1).join("/"));
  }
  const names = [];
  for (const folder of [...within].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const terms = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
    if (terms.length === 0) throw new Error(`${name} says nowhere by which terms it is given away`);
    names.push(`${name} ${version} (${license})`);
    notices.set(`${name} ${version}`, terms.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n"));
  }
  if (names.length > 0) appendFileSync(out, `/* With ${names.join(", ")}: see lamppost version --notices */\n`);
}
writeFileSync(
  join(dist, "notices.txt"),
  [...notices].sort().map(([what, terms]) => `${what}\n${"-".repeat(what.length)}\n\n${terms}\n`).join("\n\n"),
);
