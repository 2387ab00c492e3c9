// What the map does that needs no browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dice, load } from "./load.mjs";

const { address, bunch, classify, cover, given, places, points, rules, store } = await load("address", "bunch", "classify", "cover", "given", "places", "points", "rules", "store");

test("streets are drawn alike in old maps and in new ones", () => {
  const road = (p) => classify.shapeOf("roads", 2, p);
  for (const key of ["kind", "pmap:kind"]) {
    assert.equal(road({ [key]: "highway" }), "highway");
    assert.equal(road({ [key]: "minor_road" }), "minor");
    assert.equal(road({ [key]: "path" }), "path");
  }
  assert.equal(road({ "pmap:kind": "medium_road" }), road({ kind: "major_road", kind_detail: "secondary" }));
  assert.equal(road({ "pmap:kind": "minor_road", "pmap:level": "-1" }), road({ kind: "minor_road", is_tunnel: true }));
  assert.equal(classify.shapeOf("natural", 3, { natural: "wood" }), classify.shapeOf("landuse", 3, { kind: "wood" }));
  assert.equal(classify.shapeOf("water", 2, { kind: "river" }), "waterline");
  assert.equal(classify.shapeOf("landuse", 3, { kind: "never heard of" }), undefined);
  assert.equal(classify.nameOf("roads", { kind: "minor_road", min_zoom: 17 }, "minor").from, 16.5);
  assert.equal(classify.nameOf("places", { kind: "locality", population_rank: 9 }).rank, -9);
});

test("a street's width goes from stop to stop, and is none before the first", () => {
  const stops = [[10, 1], [12, 3]];
  assert.deepEqual([9, 10, 11, 12, 19].map((z) => rules.between(z, stops)), [0, 1, 2, 3, 3]);
});

const town = { bounds: [7.4, 43.7, 7.5, 43.8], min: 0, max: 15 };
const world = { bounds: [-180, -85, 180, 85], min: 0, max: 6 };

test("of several maps the deepest is asked, where it is", () => {
  const at = (lon, lat, z) => ({ z, x: Math.floor(((lon + 180) / 360) * 2 ** z), y: Math.floor((0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * 2 ** z) });
  assert.equal(cover.deepest([world, town], at(7.42, 43.73, 14)), 14);
  assert.equal(cover.deepest([world, town], at(7.42, 43.73, 17)), 15);
  assert.equal(cover.deepest([world, town], at(-73, 44, 14)), 6);
  assert.equal(cover.deepest([town], at(-73, 44, 14)), -1);
  assert.equal(cover.deepest([], at(7.42, 43.73, 3)), -1);
});

test("where a map has nothing, a larger tile is drawn, that many times as large", async () => {
  const there = new Map();
  const asked = [];
  const from = { get: async ({ z, x, y }) => (asked.push(`${z}/${x}/${y}`), z > 4 ? null : there) };
  const p = await cover.piece(from, [world], { z: 9, x: 265, y: 190 });
  assert.deepEqual(asked, ["6/33/23", "5/16/11", "4/8/5"]);
  assert.deepEqual({ ...p.dataTile }, { z: 4, x: 8, y: 5 });
  assert.deepEqual([p.z, p.scale, p.dim, p.origin.x, p.origin.y], [10, 32, 512 * 32, 8 * 512 * 32, 5 * 512 * 32]);
  assert.equal(await cover.piece({ get: async () => null }, [world], { z: 2, x: 1, y: 1 }), null);
  await assert.rejects(cover.piece({ get: async () => { throw new Error("away"); } }, [world], { z: 2, x: 1, y: 1 }));
});

test("a tile is asked for once, and again only if it did not come", async () => {
  let status = 200;
  let asked = 0;
  globalThis.fetch = async () => (asked++, { status, ok: status < 300, arrayBuffer: async () => new ArrayBuffer(0) });
  const heard = [];
  const s = new store.Store(({ z, x, y }) => `/t/${z}/${x}/${y}`, "en");
  s.onanswer = (good) => heard.push(good);
  const at = { z: 1, x: 0, y: 0 };
  assert.equal(await s.get(at), await s.get(at));
  assert.equal(asked, 1);
  status = 404;
  assert.equal(await s.get({ z: 2, x: 0, y: 0 }), null);
  status = 503;
  for (const n of [3, 4]) {
    await assert.rejects(s.get({ z: 3, x: 0, y: 0 }));
    assert.equal(asked, n);
  }
  assert.deepEqual(heard, [true, false, false]);
  for (let x = 0; x < 60; x++) await s.get({ z: 9, x, y: 0 }).catch(() => 0);
  status = 200;
  for (let x = 0; x < 60; x++) await s.get({ z: 9, x, y: 0 });
  asked = 0;
  await s.get({ z: 9, x: 59, y: 0 });
  assert.equal(asked, 0);
  await s.get({ z: 9, x: 0, y: 0 });
  assert.equal(asked, 1, "tiles are kept without end");
});

test("of what would hide each other on the map nothing is lost, and the first stays where it is", () => {
  const roll = dice(3);
  for (const n of [0, 1, 2, 50, 400]) {
    const spots = Array.from({ length: n }, (_, i) => ({ x: roll(600) - 300, y: roll(600), of: i }));
    const all = bunch.bunch(spots, 44);
    assert.deepEqual(all.flatMap((b) => b.of).sort((a, b) => a - b), spots.map((s) => s.of));
    assert.deepEqual(all.map((b) => b.of[0]), all.map((b) => b.of[0]).sort((a, b) => a - b));
    for (const b of all) {
      assert.deepEqual(b.of, b.of.slice().sort((x, y) => x - y));
      assert.deepEqual([b.x, b.y], [spots[b.of[0]].x, spots[b.of[0]].y]);
      for (const o of all) assert.ok(o === b || Math.hypot(o.x - b.x, o.y - b.y) >= 44);
    }
  }
});

test("100,000 at one spot are put together in time that grows with their number alone", () => {
  const spots = Array.from({ length: 100_000 }, (_, i) => ({ x: 5, y: 5, of: i }));
  const begun = performance.now();
  assert.equal(bunch.bunch(spots, 44).length, 1);
  assert.ok(performance.now() - begun < 10_000); // one by one with all others it would be minutes
});

test("a sign of several says which, or how many", () => {
  assert.equal(bunch.caption([3, 1], 2), "1, 3");
  assert.equal(bunch.caption([3, 0], 2), "×2");
  assert.equal(bunch.caption([1, 2, 3, 4], 4), "×4");
  assert.equal(bunch.caption([1], 300), "×300");
  assert.equal(bunch.caption([101, 102, 103], 3), "×3");
  assert.equal(bunch.caption([5], 2, 1), "5 !");
  assert.equal(bunch.caption([1, 2, 3, 4], 5, 1), "×4 !");
  assert.equal(bunch.caption([], 2, 2), "×2");
});

const feature = (properties, geometry = { type: "Point", coordinates: [7.42, 43.73] }) => ({ type: "Feature", id: "a", geometry, properties });
const read = (...features) => places.read({ type: "FeatureCollection", features, view: { center: [7.42, 43.73], zoom: 15 }, here: [7.4, 43.7], picked: [], credit: "© OpenStreetMap" });

test("a place is read as the hub tells it", () => {
  const { places: [p], ...rest } = read(feature({ name: "Hill School", kind: "shelter", number: 2, path: "/maps/p/a", status: "open" }));
  assert.deepEqual(rest, { view: { lat: 43.73, lon: 7.42, zoom: 15 }, here: [7.4, 43.7], picked: [], credit: "© OpenStreetMap" });
  assert.deepEqual(p, {
    id: "a", number: 2, name: "Hill School", kind: "shelter", status: "open", unsure: false, count: 1, link: "/maps/p/a",
    where: { points: [[7.42, 43.73]], lines: [], areas: [] }, at: [7.42, 43.73], others: [],
  });
});

test("what is no place is none, and leads nowhere else", () => {
  for (const v of [null, 3, "x", [], { features: 3 }, { features: [null, 3, {}, feature({}, null), feature({}, { type: "Point", coordinates: ["x", 1] }), feature({}, { type: "Point", coordinates: [1, 91] })] }]) {
    assert.deepEqual(places.read(v).places, []);
  }
  for (const path of ["https://example.com/", "//example.com", "/\\example.com", "javascript:alert(1)", "maps", 3]) assert.equal(read(feature({ path })).places[0].link, "");
});

test("geometries of several parts are read, as deep as is right", () => {
  const ring = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]];
  const w = places.whereOf({ type: "GeometryCollection", geometries: [{ type: "MultiPolygon", coordinates: [[ring], [ring]] }, { type: "MultiPoint", coordinates: [[1, 1]] }, { type: "LineString", coordinates: [[0, 0]] }] });
  assert.equal(w.areas.length, 2);
  assert.deepEqual(w.points, [[1, 1]]);
  assert.equal(w.lines.length, 0);
  let deep = { type: "Point", coordinates: [1, 1] };
  for (let i = 0; i < 10_000; i++) deep = { type: "GeometryCollection", geometries: [deep] };
  assert.deepEqual(places.whereOf(deep).points, []);
});

test("an area's sign stands in it, also if it is bent", () => {
  const bent = [[0, 0], [10, 0], [10, 10], [9, 10], [9, 1], [0, 1], [0, 0]];
  const [lon, lat] = places.spot({ points: [], lines: [], areas: [[bent]] });
  assert.ok((lat > 0 && lat < 1 && lon > 0 && lon < 10) || (lon > 9 && lon < 10 && lat > 0 && lat < 10), `${lon} ${lat}`);
  assert.deepEqual(places.spot({ points: [], lines: [[[0, 0], [1, 1], [2, 2]]], areas: [] }), [1, 1]);
});

test("an address keeps what is chosen, and says which part of the map is in view", () => {
  const at = { lat: 43.7312345, lon: 7.42, zoom: 15 };
  assert.equal(address.queryOf("?near=Main+St&tap.x=3&zoom=2&pick=1&kind=water&points=1%2C2", at, 328), "near=Main+St&kind=water&points=1%2C2&center=43.73123,7.42000&zoom=15");
  assert.equal(address.queryOf("", at, 640), "center=43.73123,7.42000&zoom=15&size=large");
});

test("points are read as the hub reads them, or left alone", () => {
  assert.deepEqual(points.pointsOf("44.47, -73.21"), [[44.47, -73.21]]);
  assert.deepEqual(points.pointsOf(" 44.47 -73.21\n44.5,-73.2; "), [[44.47, -73.21], [44.5, -73.2]]);
  assert.deepEqual(points.pointsOf(""), []);
  for (const other of ["8FQ9CCP9+2Q", "33T WN 12345 12345", "91, 0", "1", "1,2,3", "Main St"]) assert.equal(points.pointsOf(other), null);
  assert.equal(points.written([44.4700000001, -73.21]), "44.47, -73.21");
  assert.deepEqual(points.pointsOf(points.written([-0.0000004, 179.999999])), [[-0, 179.999999]].map(([a, b]) => [Number(String(a)), b]));
});

test("a view is read, and maps of which nothing is known are asked everywhere", () => {
  assert.deepEqual(given.viewOf("43.73,7.42,15", 9), { lat: 43.73, lon: 7.42, zoom: 15 });
  assert.deepEqual(given.viewOf("43.73,7.42", 9), { lat: 43.73, lon: 7.42, zoom: 9 });
  for (const v of ["", "x", "1", "1,2,3,4", "91,0", "0,181", "1,", "1,2,NaN"]) assert.equal(given.viewOf(v, 9), null);
  assert.deepEqual(given.mapsOf(JSON.stringify([town, { bounds: [1], min: 0, max: 1 }, null])), [town]);
  assert.equal(given.mapsOf("")[0].max, 15);
});

test("the sign of a notice's area may stand wherever in it there is room, and a place's sign nowhere else", () => {
  const square = { type: "Polygon", coordinates: [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]] };
  const hall = { type: "Feature", id: "h", geometry: square, properties: { kind: "shelter", number: 1 } };
  const [a, p] = read({ ...hall, properties: { kind: "notice" } }, hall).places;
  assert.deepEqual(a.others[0], a.at);
  assert.deepEqual(a.others.map(([lon, lat]) => [lon, lat].map((v) => v > 0 && v < 9)).flat().every(Boolean), true);
  assert.equal(new Set(a.others.map(String)).size, 27);
  assert.deepEqual(p.others, []);
});
