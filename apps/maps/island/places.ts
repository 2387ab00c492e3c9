// Places as the hub's interface for programs tells them (GeoJSON, RFC 7946), read as what another has written.

import { prefix, within } from "../../../webui/islands/page";
import type { View } from "./given";

/** Longitude and latitude in degrees. */
export type Position = [lon: number, lat: number];

/** Where a place is. */
export interface Where {
  points: Position[];
  lines: Position[][];
  areas: Position[][][]; // of each its outline, then its holes
}

/** One thing on the map. */
export interface Place {
  id: string; // and of its row in a list of the page
  number: number; // in the list beside the map; 0 has none
  name: string;
  kind: string;
  status: string; // empty: not known
  unsure: boolean; // not confirmed
  count: number; // how many places stand for this one; 1 for itself
  link: string; // of its page; empty: it has none
  where: Where;
  at: Position; // where its sign stands
  others: Position[]; // where the sign of a notice's area may stand as well
}

/** What is on a part of the map. */
export interface Answer {
  places: Place[];
  view: View | null; // which part
  here: Position | null; // from where distances are told
  picked: Position[]; // points of a line or an area, so far
  credit: string; // whom to thank for the streets there
}

const most = 5_000; // things that are shown
const mostPoints = 200_000; // of their shapes
const patience = 20_000; // ms

type Json = { [name: string]: unknown };
const object = (v: unknown): Json => (typeof v === "object" && v !== null ? (v as Json) : {});
const text = (v: unknown): string => (typeof v === "string" ? v : "");
const count = (v: unknown): number => (typeof v === "number" && v > 0 ? Math.floor(v) : 0);
const list = (v: unknown): unknown[] => (Array.isArray(v) ? (v as unknown[]) : []);

function position(v: unknown): Position | null {
  const [lon, lat] = list(v);
  return typeof lon === "number" && typeof lat === "number" && Math.abs(lon) <= 360 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}

const line = (v: unknown): Position[] => list(v).map(position).filter((p): p is Position => p !== null);

/** Reads a geometry, also of several parts; what is none is nowhere. */
export function whereOf(v: unknown, deep = 4): Where {
  const out: Where = { points: [], lines: [], areas: [] };
  const { type, coordinates, geometries } = object(v);
  const add = (w: Where): void => {
    w.points.forEach((p) => out.points.push(p));
    w.lines.forEach((l) => out.lines.push(l));
    w.areas.forEach((a) => out.areas.push(a));
  };
  const at = position(coordinates);
  if (type === "Point" && at) out.points.push(at);
  else if (type === "LineString") out.lines.push(line(coordinates));
  else if (type === "Polygon") out.areas.push(list(coordinates).map(line));
  else if (deep > 0 && type === "GeometryCollection") list(geometries).forEach((g) => add(whereOf(g, deep - 1)));
  else if (deep > 0 && /^Multi/.test(text(type))) list(coordinates).forEach((c) => add(whereOf({ type: text(type).slice(5), coordinates: c }, 0)));
  out.lines = out.lines.filter((l) => l.length > 1);
  out.areas = out.areas.filter((rings) => rings[0] !== undefined && rings[0].length > 2);
  return out;
}

/** How many points it has. */
function size(w: Where): number {
  const sum = (all: Position[][]): number => all.reduce((n, l) => n + l.length, 0);
  return w.points.length + sum(w.lines) + w.areas.reduce((n, rings) => n + sum(rings), 0);
}

/** A path of this hub, and of no other. */
function local(path: string): string {
  return /^\/[^/\\]/.test(path) ? prefix + path : "";
}

function placeOf(v: unknown): Omit<Place, "at" | "others"> {
  const f = object(v);
  const p = object(f["properties"]);
  return {
    id: text(f["id"]),
    number: count(p["number"]),
    name: text(p["name"]),
    kind: text(p["kind"]) || "other",
    status: text(p["status"]),
    unsure: p["unsure"] === true,
    count: count(p["count"]) || 1,
    link: local(text(p["path"])),
    where: whereOf(f["geometry"]),
  };
}

/** Reads a collection of features; those that are nowhere are left out. */
export function read(v: unknown): Answer {
  const c = object(v);
  const places: Place[] = [];
  let points = 0;
  for (const f of list(c["features"]).slice(0, most)) {
    const p = placeOf(f);
    points += size(p.where);
    if (points > mostPoints) break;
    if (size(p.where) > 0) places.push({ ...p, at: spot(p.where), others: p.kind === "notice" ? elsewhere(p.where) : [] });
  }
  const middle = position(object(c["view"])["center"]);
  const view = middle && { lat: middle[1], lon: middle[0], zoom: count(object(c["view"])["zoom"]) };
  return { places, view, here: position(c["here"]), picked: line(c["picked"]), credit: text(c["credit"]) };
}

/** Asks for places. */
export async function ask(address: string): Promise<Answer> {
  const answer = fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" } });
  return within(
    patience,
    answer.then((r) => {
      if (!r.ok) throw new Error(String(r.status));
      return r.json().then(read);
    }),
  );
}

/** Where the sign of a thing stands. */
export function spot(w: Where): Position {
  const at = w.points[0];
  if (at) return at;
  const middle = (l: Position[]): Position => l[Math.floor((l.length - 1) / 2)]!;
  const l = w.lines[0];
  if (l) return middle(l);
  return inside(w.areas[0]!);
}

/** Where else in its area a sign has room, beginning with where it stands. */
function elsewhere(w: Where): Position[] {
  if (w.points[0] || w.lines[0]) return [];
  const rings = w.areas[0]!;
  const along = (part: number): Position[][] => rows.map((row) => across(rings, row).map(([from, to, lat]): Position => [from + (to - from) * part, lat]));
  return [inside(rings)].concat(...along(0.5), ...along(0.2), ...along(0.8));
}

const rows = [4, 3, 5, 2, 6, 1, 7, 0, 8]; // of nine from the south to the north, the middle first

/** The parts of a row that lie in an area: from where to where, and at which latitude. */
function across(rings: Position[][], row: number): [number, number, number][] {
  const lats = rings[0]!.map((p) => p[1]);
  const low = lats.reduce((a, b) => Math.min(a, b));
  const high = lats.reduce((a, b) => Math.max(a, b));
  const lat = low + ((high - low) * (row + 0.5)) / 9;
  const cuts: number[] = [];
  for (const ring of rings) {
    ring.forEach((b, i) => {
      const a = ring[(i || ring.length) - 1]!;
      if (a[1] > lat !== b[1] > lat) cuts.push(a[0] + ((b[0] - a[0]) * (lat - a[1])) / (b[1] - a[1]));
    });
  }
  cuts.sort((a, b) => a - b);
  const parts: [number, number, number][] = [];
  for (let i = 1; i < cuts.length; i += 2) parts.push([cuts[i - 1]!, cuts[i]!, lat]);
  return parts;
}

/** A point in an area, far from its sides to the west and the east. */
function inside(rings: Position[][]): Position {
  let best: Position = rings[0]![0]!;
  let wide = 0;
  for (const row of rows) {
    for (const [from, to, lat] of across(rings, row)) {
      if (to - from > wide * 1.15) {
        best = [(from + to) / 2, lat];
        wide = to - from;
      }
    }
  }
  return best;
}
