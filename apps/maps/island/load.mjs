// Loads modules of the island into node, for tests.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { alias } from "./bundle.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const webui = join(here, "..", "..", "..", "webui");
const { build } = createRequire(join(webui, "package.json"))("esbuild");

/** All that modules export, by the modules' names. They may look at a page that says nothing. */
export async function load(...names) {
  globalThis.document ??= { documentElement: { getAttribute: () => null } };
  const dir = mkdtempSync(join(tmpdir(), "island-"));
  try {
    const entryPoints = names.map((n) => join(here, n + ".ts"));
    await build({ entryPoints, alias, outdir: dir, outExtension: { ".js": ".mjs" }, absWorkingDir: webui, bundle: true, format: "esm", target: "es2015", logLevel: "warning" });
    return Object.fromEntries(await Promise.all(names.map(async (n) => [n, await import(pathToFileURL(join(dir, n + ".mjs")))])));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Numbers that look random and are the same each time (Park and Miller's minimal standard), below n. */
export function dice(seed) {
  let state = seed;
  return (n) => (state = (state * 48271) % 0x7fffffff) % n;
}
