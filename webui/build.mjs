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
for (const app of readdirSync(apps)) {
  const island = join(apps, app, "island.ts");
  if (existsSync(island)) entryPoints[app] = island;
}
for (const old of readdirSync(dist)) {
  if (old.endsWith(".js")) rmSync(join(dist, old));
}
await build({
  entryPoints,
  outdir: dist,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2015",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});
