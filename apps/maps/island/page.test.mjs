// What the map shares with the rest of the app: the words that pages bring along, and the looks of the hub's own pictures.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "./load.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const maps = join(here, "..");
const { classify, palette, rules, sign } = await load("classify", "palette", "rules", "sign");

/** All that matches first in a text. */
const found = (text, pattern) => [...text.matchAll(pattern)].map((m) => m[1]);

const words = found(readFileSync(join(maps, "templates", "map-words.html"), "utf8"), /data-phrase="([a-z-]+)"/g);
const api = readFileSync(join(maps, "openapi.yaml"), "utf8");
const named = (schema) => new RegExp(`^    ${schema}: .*enum: \\[(.*?)\\]`, "m").exec(api)[1].split(", ");

test("pages bring along what the map says, and nothing besides", () => {
  const code = readdirSync(here).filter((f) => f.endsWith(".ts")).map((f) => readFileSync(join(here, f), "utf8")).join("");
  const said = found(code, /\b(?:say|some)\("([a-z-]+)"(?! \+)/g).filter((w) => !w.endsWith("-"));
  assert.ok(said.length > 8);
  const kinds = named("Kind").concat("notice").map((k) => `kind-${k}`);
  const statuses = named("Status").map((s) => `status-${s}`);
  assert.deepEqual(words.slice().sort(), [...new Set(said.concat(kinds, statuses))].sort());
});

test("the map has the colours of the hub's own pictures", () => {
  const go = readFileSync(join(maps, "draw", "style.go"), "utf8");
  const hex = (c) => (c.length === 4 ? c.replace(/[0-9a-f]/g, "$&$&") : c).slice(1).toUpperCase();
  for (const [name, ours] of [["light", palette.light], ["dark", palette.dark]]) {
    const [, body] = new RegExp(`func ${name}\\(\\)[^]*?\n}`).exec(go)[0].split("s.fill = ");
    const [fill, edge] = body.split("s.casing = ");
    const theirs = (text) => Object.fromEntries([...text.matchAll(/(\w+): +rgb\(0x(\w+)\)/g)].map((m) => [m[1].toLowerCase(), m[2]]));
    const mine = (all) => Object.fromEntries(Object.entries(all).map(([k, v]) => [k, hex(v)]));
    assert.deepEqual(mine(ours.fill), theirs(fill), name);
    assert.deepEqual(mine(ours.edge), theirs(edge.split("s.text = ")[0]), name);
  }
});

test("streets are as wide as on the hub's own pictures", () => {
  const go = readFileSync(join(maps, "draw", "style.go"), "utf8");
  const seen = [];
  for (const m of go.matchAll(/case ([\w, ]+):\s+return between\(zoom, (.*)\)/g)) {
    const stops = [...m[2].matchAll(/stop\{([\d.]+), ([\d.]+)\}/g)].map((s) => [Number(s[1]), Number(s[2])]);
    for (const shape of m[1].toLowerCase().split(", ")) {
      assert.deepEqual(rules.widths[shape], stops, shape);
      seen.push(shape);
    }
  }
  assert.deepEqual(seen.sort(), Object.keys(rules.widths).sort());
});

test("every kind of place that the pictures tell apart has a sign of its own", () => {
  const own = (kind) => sign.lookOf(kind).outline;
  for (const kind of ["shelter", "water", "food", "medical", "charging", "hazard", "road"]) assert.notEqual(own(kind), own("other"), kind);
  assert.equal(own("warmth"), own("shelter"), "people stay in both");
  assert.equal(own("constructor"), own("other"));
  assert.ok(classify.shapes.length > 15);
});
