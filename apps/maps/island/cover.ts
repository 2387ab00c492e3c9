// Which tile to draw a part of the map from: its own, or a larger one that it lies in.

import Point from "@mapbox/point-geometry";
import type { PreparedTile } from "protomaps-leaflet";
import type { Place, Store } from "./store";
import { side } from "./tile";

/** A map that the hub has: where, and from which zoom to which. */
export interface Extract {
  bounds: [west: number, south: number, east: number, north: number];
  min: number;
  max: number;
}

const mercator = (lat: number): number => {
  const s = Math.sin((lat * Math.PI) / 180);
  return Math.min(1, Math.max(0, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)));
};

/** The deepest zoom at which any of the maps has some of a tile, or of one that it lies in; -1 where none has. */
export function deepest(maps: Extract[], at: Place): number {
  const n = Math.pow(2, at.z);
  let best = -1;
  for (const m of maps) {
    const [west, south, east, north] = m.bounds;
    const over = ((east + 180) / 360) * n > at.x && ((west + 180) / 360) * n < at.x + 1 && mercator(south) * n > at.y && mercator(north) * n < at.y + 1;
    if (over && at.z >= m.min) best = Math.max(best, Math.min(m.max, at.z));
  }
  return best;
}

/** A tile so many zooms up. */
const up = (at: Place, by: number): Place => ({ z: at.z - by, x: Math.floor(at.x / Math.pow(2, by)), y: Math.floor(at.y / Math.pow(2, by)) });

/** What a tile is drawn from at its zoom: the deepest that there is. Null where no map is. */
export async function piece(store: Pick<Store, "get">, maps: Extract[], at: Place): Promise<PreparedTile | null> {
  for (let from = deepest(maps, at); from >= 0; from--) {
    const place = up(at, at.z - from);
    const data = await store.get(place);
    if (!data) continue;
    const scale = Math.pow(2, at.z - from);
    const dim = side * scale;
    // Pixels are those of the page at the zoom shown, at which a tile of 512 is of the zoom before.
    return { z: at.z + 1, data, dataTile: place, scale, dim, origin: new Point(place.x * dim, place.y * dim) };
  }
  return null;
}
