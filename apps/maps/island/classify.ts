// What a feature of a street map is drawn as: Protomaps basemaps, versions 2 to 4 (docs.protomaps.com/basemaps/layers),
// as the hub's own pictures have it.

import { Geometry, type Props } from "./mvt";

/** What is drawn alike. Shapes are in the order of drawing: what comes later lies on top. */
export const shapes = [
  "land", "built", "green", "wood", "sand", "care", "school", "paved", "water", "waterline", "building", "border",
  "ferry", "path", "rail", "tunnel", "service", "minor", "medium", "major", "highway",
] as const;
export type Shape = (typeof shapes)[number];

/** Names, those first that are put first, and stay. */
export const names = ["state", "city", "street", "relief", "lake", "lane", "quarter", "park", "alley", "landmark"] as const;
export type Name = (typeof names)[number];

const layers = ["earth", "landcover", "landuse", "natural", "water", "physical_line", "buildings", "boundaries", "transit", "roads", "places", "physical_point", "pois"];

/** Whether a layer is drawn. */
export const layer = (name: string): boolean => layers.indexOf(name) >= 0;

const kinds = ["kind", "pmap:kind", "landuse", "leisure", "natural", "amenity", "waterway", "aeroway"]; // 4, 3, and the tags of OpenStreetMap in 2
const details = ["kind_detail", "pmap:kind_detail"];
const levels = ["kind_detail", "pmap:min_admin_level", "pmap:admin_level"];
const starts = ["min_zoom", "pmap:min_zoom"];
const crowds = ["population_rank", "pmap:population_rank"];
const others = ["name", "is_tunnel", "pmap:level", "service"];
const read = kinds.concat(details, levels, starts, crowds, others);

/** Whether a property is needed: with language, names in it too. */
export const prop = (name: string, language: string): boolean => read.indexOf(name) >= 0 || name === "name:" + language;

function text(p: Props, of: string[]): string {
  for (const name of of) {
    const v = p[name];
    if (typeof v === "string" && v) return v;
  }
  return "";
}

function number(p: Props, of: string[]): number {
  for (const name of of) {
    const v = p[name];
    if (typeof v === "number") return v;
  }
  return 0;
}

const list = (words: string): Set<string> => new Set(words.split(" "));

const lands: [Shape, Set<string>][] = [
  ["green", list("park garden grass grassland meadow village_green recreation_ground golf_course cemetery pitch playground dog_park zoo allotments nature_reserve national_park farmland orchard scrub protected_area stadium")],
  ["wood", list("wood forest")],
  ["sand", list("sand beach bare_rock barren desert")],
  ["care", list("hospital clinic")],
  ["school", list("school university college kindergarten")],
  ["paved", list("pedestrian pier parking railway industrial commercial aerodrome airfield runway military footway")],
  ["built", list("residential urban_area")],
];
const streams = list("river stream canal drain ditch");
const rails = list("rail light_rail tram subway");
const lesser = list("secondary tertiary secondary_link tertiary_link");

/** How a shape is drawn; undefined where it is not. */
export function shapeOf(layer: string, type: Geometry, p: Props): Shape | undefined {
  const kind = text(p, kinds);
  if (type === Geometry.Polygons) {
    if (layer === "earth") return "land";
    if (layer === "water") return "water";
    if (layer === "buildings") return "building";
    if (!/^land|^natural/.test(layer)) return undefined;
    const found = lands.filter((l) => l[1].has(kind))[0];
    return found && found[0];
  }
  if (type !== Geometry.Lines) return undefined;
  if (layer === "water" || layer === "physical_line") return streams.has(kind) ? "waterline" : undefined;
  if (layer === "boundaries") return number(p, levels) <= 4 ? "border" : undefined;
  return layer === "roads" || layer === "transit" ? roadOf(kind, p) : undefined;
}

function roadOf(kind: string, p: Props): Shape | undefined {
  const detail = text(p, details);
  const under = Boolean(p["is_tunnel"]) || p["pmap:level"] === "-1" || p["pmap:level"] === -1;
  if (kind === "highway") return "highway";
  if (kind === "medium_road") return "medium";
  if (kind === "major_road") return under ? "tunnel" : lesser.has(detail) ? "medium" : "major";
  if (kind === "minor_road") return under ? "tunnel" : detail === "service" || p["service"] ? "service" : detail === "raceway" ? undefined : "minor";
  if (kind === "ferry") return "ferry";
  if (under) return undefined;
  if (kind === "path") return detail === "pedestrian" ? "service" : "path";
  return rails.has(kind) ? "rail" : undefined;
}

/** How a name is put: in which manner, from which zoom on, and before which one; the lower rank is put first. */
export interface Manner {
  as: Name;
  from: number;
  until: number;
  rank: number;
}

const manner = (as: Name, from: number, until = 99, rank = 0): Manner => ({ as, from, until, rank });

const relief = list("hospital fire_station police townhall");
const landmarks = list("school university college community_centre library station stadium sports_centre bus_station ferry_terminal pharmacy clinic");
const lesserMarks = list("place_of_worship museum supermarket marketplace post_office theatre mall");
const greens = list("park garden cemetery beach forest nature_reserve");
const towns = list("locality city town village hamlet");
const quarters = list("neighbourhood macrohood suburb quarter");

/** How the name of a feature is put, of which shape tells how it is drawn; undefined where it is not. */
export function nameOf(layer: string, p: Props, shape: Shape | undefined): Manner | undefined {
  const m = mannerOf(layer, text(p, kinds), p, shape);
  if (m) m.from = Math.max(m.from, number(p, starts) - 0.5);
  return m;
}

function mannerOf(layer: string, kind: string, p: Props, shape: Shape | undefined): Manner | undefined {
  if (layer === "places") return placeManner(kind, number(p, crowds));
  if (layer === "pois") {
    if (relief.has(kind)) return manner("relief", 15);
    if (landmarks.has(kind)) return manner("landmark", 16);
    if (lesserMarks.has(kind)) return manner("landmark", 17, 99, 1);
    if (greens.has(kind)) return manner("park", 15);
    return kind === "marina" ? manner("lake", 14) : undefined;
  }
  if (layer === "roads" || layer === "transit") {
    if (shape === "highway" || shape === "major" || shape === "medium") return manner("street", 13, 99, shape === "medium" ? 1 : 0);
    if (shape === "minor" || shape === "tunnel") return manner("lane", 15);
    return shape === "service" || shape === "path" ? manner("alley", 17) : undefined;
  }
  if (layer !== "water" && !/^physical_/.test(layer)) return undefined;
  if (kind === "swimming_pool" || kind === "fountain") return undefined;
  return manner("lake", kind === "ocean" || kind === "sea" ? 0 : 9);
}

function placeManner(kind: string, crowd: number): Manner | undefined {
  if (kind === "country") return manner("state", 0, 7, -100); // before its states
  if (kind === "region" || kind === "state") return manner("state", 5, 8);
  if (towns.has(kind)) return manner("city", 0, 15, -crowd); // a name over the middle of the streets helps nobody who looks for one
  return quarters.has(kind) ? manner("quarter", 13) : undefined;
}
