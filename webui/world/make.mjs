// Makes the small map of the world that every hub has, so that there is a map where no
// street map was brought: land, water, borders of countries and states, cities. It is a
// PMTiles file in the form of a Protomaps basemap of version 4, and lies where the
// package apps/maps/world embeds it. The same packages make the same bytes.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromGeojsonVt } from "@maplibre/vt-pbf";
import { GeoJSONVT } from "@maplibre/geojson-vt";
import { archive } from "./archive.mjs";
import { borders, water } from "./ground.mjs";
import { places } from "./places.mjs";

// The deepest tiles are drawn on at all zooms below theirs, so they are finer.
const deepest = 5;

// Units along a side of a tile, how many it has beyond each side besides, and how many
// of them lines may lose.
const coarse = { extent: 1024, buffer: 16, tolerance: 2 };
const fine = { extent: 4096, buffer: 64, tolerance: 5 };

function slicer(features, units) {
  // at the last of its zooms the slicer would leave all points
  const options = { maxZoom: deepest + 1, indexMaxZoom: deepest, indexMaxPoints: 0, ...units };
  return new GeoJSONVT({ type: "FeatureCollection", features }, options);
}

// Water is drawn over land, so land is all of the square.
function land({ extent, buffer }) {
  const [low, high] = [-buffer, extent + buffer];
  return { features: [{ type: 3, tags: { kind: "earth" }, geometry: [[[low, low], [high, low], [high, high], [low, high], [low, low]]] }] };
}

const shapes = [water(), borders()];
const [above, below] = [coarse, fine].map((units) => ({ units, layers: shapes.map((features) => slicer(features, units)) }));
const names = slicer(places(deepest), { ...fine, tolerance: 0 });

// shown is what of a layer belongs on tiles of a zoom: a feature has the least one in
// "from", which stays here.
function shown(tile, z) {
  const features = [];
  for (const f of tile?.features ?? []) {
    const { from = 0, ...tags } = f.tags;
    if (from <= z) features.push({ ...f, tags });
  }
  return { features };
}

function tile(z, x, y) {
  const { units, layers } = z < deepest ? above : below;
  const [waters, lines] = layers.map((of) => shown(of.getTile(z, x, y), z));
  const filled = (all) => Object.fromEntries(Object.entries(all).filter(([, layer]) => layer.features.length > 0));
  // A tile is a list of layers, so two of them in a row are one with the layers of both.
  return Buffer.concat([
    fromGeojsonVt(filled({ earth: land(units), water: waters, boundaries: lines }), { version: 2, extent: units.extent }),
    fromGeojsonVt(filled({ places: shown(names.getTile(z, x, y), z) }), { version: 2, extent: fine.extent }),
  ]);
}

const tiles = [];
for (let z = 0; z <= deepest; z++) {
  for (let x = 0; x < 1 << z; x++) {
    for (let y = 0; y < 1 << z; y++) tiles.push({ z, x, y, data: tile(z, x, y) });
  }
}
const text = "String";
const number = "Number";
const file = archive(tiles, {
  name: "Small world",
  description: "Land, water, borders and cities of the whole earth, without streets",
  version: "4.0.0",
  attribution: "Natural Earth, GeoNames",
  vector_layers: [
    { id: "earth", fields: { kind: text } },
    { id: "water", fields: { kind: text } },
    { id: "roads", fields: { kind: text } }, // there are none, and the form has them
    { id: "boundaries", fields: { kind: text, kind_detail: number } },
    { id: "places", fields: { kind: text, name: text, ref: text, min_zoom: number, population_rank: number } },
  ],
});
const folder = fileURLToPath(new URL("../../apps/maps/world/data/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(folder + "world.pmtiles", file);
