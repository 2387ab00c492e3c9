// How the scripts of the app are built: what all its pages load, and the map. What of the libraries the map does not use
// is left out: reading PMTiles and tiles in the browser, and the styles of others.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** Scripts by their names. */
export const entryPoints = { "maps-map": join(here, "map.ts") };

const absent = join(here, "absent.ts");

/** What is taken in place of packages. */
export const alias = {
  leaflet: join(here, "..", "..", "..", "webui", "node_modules", "leaflet", "dist", "leaflet-src.esm.js"),
  pmtiles: absent,
  pbf: absent,
  "@mapbox/vector-tile": absent,
  "@protomaps/basemaps": absent,
};
