// Bundles each island into dist/, for browsers of 2018 and later. What an app does
// on its pages is its island.ts; pages of the hub's own have islands/own.ts.
import { build } from "esbuild";
import { existsSync, readdirSync, rmSync } from "node:fs";
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
await build({
  entryPoints,
  alias,
  outdir: dist,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2015",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});
