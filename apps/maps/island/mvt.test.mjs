// Reading vector tiles: those of maps, and what somebody may have made to do harm.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dice, load } from "./load.mjs";

const { mvt, tile } = await load("mvt", "tile");

const varint = (n) => {
  const out = [];
  for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128);
  return [...out, n];
};
const zigzag = (n) => (n < 0 ? -2 * n - 1 : 2 * n);
const bytes = (field, b) => [...varint(field * 8 + 2), ...varint(b.length), ...b];
const text = (s) => [...new TextEncoder().encode(s)];
const whole = (field, n) => [...varint(field * 8), ...varint(n)];

/** A layer of features: { type, tags, shape: commands }. */
function layer({ name = "roads", keys = [], values = [], extent = 4096, features = [] }) {
  const packed = (f) => [
    ...(f.tags ? bytes(2, f.tags.flatMap(varint)) : []),
    ...whole(3, f.type),
    ...bytes(4, f.shape.flatMap(varint)),
  ];
  return bytes(3, [
    ...bytes(1, text(name)),
    ...features.flatMap((f) => bytes(2, packed(f))),
    ...keys.flatMap((k) => bytes(3, text(k))),
    ...values.flatMap((v) => bytes(4, v)),
    ...whole(5, extent),
    ...whole(15, 2),
  ]);
}

const move = (...at) => [8 * (at.length / 2) + 1, ...at.map(zigzag)];
const to = (...at) => [8 * (at.length / 2) + 2, ...at.map(zigzag)];
const close = 8 + 7;

/** What is taken of a tile. */
function taken(all, size = 512) {
  const out = [];
  mvt.read(Uint8Array.from(all), size, {
    layer: () => true,
    prop: () => true,
    take: (layer, type, props, parts) => out.push({ layer, type, props: { ...props }, parts: parts().map((p) => p.map(({ x, y }) => [x, y])) }),
  });
  return out;
}

const street = { type: 2, tags: [0, 0, 1, 1, 2, 2], shape: [...move(8, 16), ...to(8, 0, 0, -8)] };
const roads = layer({ keys: ["kind", "name", "min_zoom"], values: [bytes(1, text("minor_road")), bytes(1, text("Rue Grimaldi")), whole(6, zigzag(14))], features: [street] });

test("a street is read with its name and where it is", () => {
  assert.deepEqual(taken(roads), [
    { layer: "roads", type: 2, props: { kind: "minor_road", name: "Rue Grimaldi", min_zoom: 14 }, parts: [[[1, 2], [2, 2], [2, 1]]] },
  ]);
});

test("values of every kind are read", () => {
  const f32 = [...new Uint8Array(new Float32Array([1.5]).buffer)];
  const f64 = [...new Uint8Array(new Float64Array([-2.25]).buffer)];
  const values = [[2 * 8 + 5, ...f32], [3 * 8 + 1, ...f64], whole(4, 7), whole(5, 2 ** 40), whole(6, zigzag(-3)), whole(7, 1), bytes(1, text("Straße"))];
  const keys = values.map((_, i) => "k" + i);
  const [f] = taken(layer({ keys, values, features: [{ type: 1, tags: keys.flatMap((_, i) => [i, i]), shape: move(0, 0) }] }));
  assert.deepEqual(f.props, { k0: 1.5, k1: -2.25, k2: 7, k3: 2 ** 40, k4: -3, k5: true, k6: "Straße" });
});

test("areas are closed, and points stay together", () => {
  const area = { type: 3, shape: [...move(0, 0), ...to(80, 0, 0, 80), close, ...move(-40, -60), ...to(8, 0, 0, 8), close] };
  const points = { type: 1, shape: move(8, 8, 8, 0) };
  const [a, p] = taken(layer({ features: [area, points] }));
  assert.deepEqual(a.parts, [[[0, 0], [10, 0], [10, 10], [0, 0]], [[5, 2.5], [6, 2.5], [6, 3.5], [5, 2.5]]]);
  assert.deepEqual(p.parts, [[[1, 1], [2, 1]]]);
});

test("a name that is called like something else is only a name", () => {
  const [f] = taken(layer({ keys: ["__proto__"], values: [bytes(1, text("x"))], features: [{ type: 1, tags: [0, 0], shape: move(0, 0) }] }));
  assert.equal({}.x, undefined);
  assert.equal(Object.getPrototypeOf(f.props), Object.prototype);
});

const refused = {
  "that is too large": new Array(mvt.maxBytes + 1).fill(0),
  "with a part longer than the whole": [3 * 8 + 2, 100, 1],
  "with a number without end": new Array(20).fill(255),
  "that says to have more points than it has bytes": layer({ features: [{ type: 2, shape: [8 * 500_000 + 2, 1, 1] }] }),
  "that closes an outline half a billion times": layer({ features: [{ type: 3, shape: [...move(0, 0), ...to(1, 1), 8 * 2 ** 28 + 7, 9, 0, 0] }] }),
  "that draws in no known way": layer({ features: [{ type: 2, shape: [3, 1, 1] }] }),
  "with a value that is not there": layer({ keys: ["kind"], features: [{ type: 1, tags: [0, 9], shape: move(0, 0) }] }),
  "whose layer has no size": layer({ extent: 0, features: [street] }),
  "of many layers": new Array(65).fill(layer({})).flat(),
  "with a field of no known kind": [3 * 8 + 4, 1],
};
for (const [what, all] of Object.entries(refused)) {
  test(`a tile is refused ${what}`, () => {
    const begun = performance.now();
    assert.throws(() => taken(all), mvt.BadTile);
    assert.ok(performance.now() - begun < 10_000);
  });
}

test("a tile that ends early is read, or refused, and nothing else", () => {
  for (let n = 0; n < roads.length; n++) {
    try {
      taken(roads.slice(0, n));
    } catch (e) {
      assert.ok(e instanceof mvt.BadTile, `${n}: ${e}`);
    }
  }
});

test("a tile with bytes changed is read, or refused, and nothing else", () => {
  const roll = dice(7);
  for (let i = 0; i < 20_000; i++) {
    const all = roads.slice();
    for (let changes = 1 + roll(4); changes > 0; changes--) all[roll(all.length)] = roll(256);
    try {
      tile.tileOf(Uint8Array.from(all), "en");
    } catch (e) {
      assert.match(e.message, /^vector tile: /, `${all}: ${e.stack}`);
    }
  }
});

test("a tile is drawn by what its features are, and named as signs and readers do", () => {
  const country = layer({
    name: "places",
    keys: ["kind", "name", "name:fr", "name:de"],
    values: ["country", "Germany", "Allemagne", "Deutschland"].map((v) => bytes(1, text(v))),
    features: [{ type: 1, tags: [0, 0, 1, 1, 2, 2, 3, 3], shape: move(0, 0) }],
  });
  const t = tile.tileOf(Uint8Array.from([...roads, ...country]), "fr");
  assert.deepEqual([...t.keys()], ["minor", "lane", "state"]);
  assert.equal(t.get("lane")[0].props.text, "Rue Grimaldi");
  assert.equal(t.get("state")[0].props.text, "Allemagne");
  assert.equal(tile.weight(t), 3 + 3 + 1);
});
