// A tile as it is drawn: its features by what they are drawn as.

import type { Feature } from "protomaps-leaflet";
import { joined } from "./along";
import { layer, nameOf, names, prop, shapeOf, type Name, type Shape } from "./classify";
import { Geometry, read, type Part, type Props } from "./mvt";

/** The side of a tile in pixels of the page at its own zoom. */
export const side = 512;

/** Features by what they are drawn as, and by how their names are put. */
export type Tile = Map<string, Feature[]>;

function boxOf(parts: Part[]): Feature["bbox"] {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const part of parts) {
    for (const p of part) {
      if (p.x < box.minX) box.minX = p.x;
      if (p.x > box.maxX) box.maxX = p.x;
      if (p.y < box.minY) box.minY = p.y;
      if (p.y > box.maxY) box.maxY = p.y;
    }
  }
  return box;
}

const longest = 60; // letters of a name

/** What a feature is called: countries and seas as the reader says it, streets as their signs do. */
function called(p: Props, layer: string, language: string): string {
  const own = layer === "places" || layer === "water" ? p["name:" + language] : "";
  const name = own || p["name"];
  return typeof name === "string" ? name.slice(0, longest) : "";
}

/** Reads a tile's bytes. Throws a BadTile for what is none. */
export function tileOf(bytes: Uint8Array, language: string): Tile {
  const tile: Tile = new Map();
  const add = (as: Shape | Name, f: Feature): void => {
    const all = tile.get(as);
    if (all) all.push(f);
    else tile.set(as, [f]);
  };
  read(bytes, side, {
    layer,
    prop: (name) => prop(name, language),
    take(from: string, type: Geometry, p: Props, parts: () => Part[]): void {
      const shape = shapeOf(from, type, p);
      const text = called(p, from, language);
      const manner = text ? nameOf(from, p, shape) : undefined;
      const named = manner && (type === Geometry.Lines) === streets.test(manner.as) && type !== Geometry.Polygons;
      if (!shape && !named) return;
      const geom = parts();
      if (geom.length === 0) return;
      const props = named && manner ? { text, from: manner.from, until: manner.until, rank: manner.rank } : {};
      const f: Feature = { props, geom, bbox: boxOf(geom), geomType: type as number, numVertices: geom.reduce((n, g) => n + g.length, 0) };
      if (shape) add(shape, f);
      if (named && manner) add(manner.as, f);
    },
  });
  tile.forEach((all, as) => {
    if (streets.test(as)) tile.set(as, (all = whole(all)));
    if (names.indexOf(as as Name) >= 0) all.sort((a, b) => Number(a.props["rank"]) - Number(b.props["rank"]) || b.numVertices - a.numVertices);
  });
  return tile;
}

const streets = /^(street|lane|alley)$/;

/** Streets of one name as one feature each. */
function whole(all: Feature[]): Feature[] {
  const by = new Map<string, Feature[]>();
  for (const f of all) {
    const name = String(f.props["text"]);
    const same = by.get(name);
    if (same) same.push(f);
    else by.set(name, [f]);
  }
  const out: Feature[] = [];
  by.forEach((same) => {
    const geom = joined(([] as Part[]).concat(...same.map((f) => f.geom)));
    const least = (name: string): number => same.reduce((n, f) => Math.min(n, Number(f.props[name])), Infinity);
    const props = { ...same[0]!.props, from: least("from"), rank: least("rank") };
    out.push({ props, geom, bbox: boxOf(geom), geomType: 2, numVertices: geom.reduce((n, g) => n + g.length, 0) });
  });
  return out;
}

/** How many points a tile holds, about: what it costs to keep. */
export function weight(tile: Tile): number {
  let n = 0;
  tile.forEach((all) => all.forEach((f) => (n += f.numVertices)));
  return n;
}
