// The part of the map that is in view, as addresses of the hub have it.

import type { View } from "./given";

const lasting = /^(near|kind|open|room|pets|stepfree|all|place|point)$/; // what an address keeps where the map is moved
const choosing = /^(kind|open|room|pets|stepfree)$/;
const wide = 480; // pixels: from there on the hub's own picture is the large one

/** Bounds in degrees. */
export interface Bounds {
  getWest(): number;
  getSouth(): number;
  getEast(): number;
  getNorth(): number;
}

const keptOf = (search: string, names: RegExp): string[] =>
  search
    .replace(/^\?/, "")
    .split("&")
    .filter((part) => names.test(part.split("=")[0]!));

/** The query of all within bounds, with what chooses among it. */
export function boxOf(search: string, b: Bounds, zoom: number): string {
  const box = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((n) => n.toFixed(5)).join(",");
  return keptOf(search, choosing).concat(`bbox=${box}`, `zoom=${zoom}`).join("&");
}

/** The query of a view, with what the page's own query keeps. */
export function queryOf(search: string, at: View, width: number): string {
  const kept = keptOf(search, lasting);
  const size = width >= wide ? ["size=large"] : [];
  return kept.concat(`center=${at.lat.toFixed(5)},${at.lon.toFixed(5)}`, `zoom=${at.zoom}`, size).join("&");
}
