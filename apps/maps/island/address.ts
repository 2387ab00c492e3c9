// The part of the map that is in view, as addresses of the hub have it.

import type { View } from "./given";

const lasting = /^(near|kind|open|room|pets|stepfree|all|place|seen|points?)$/; // what an address keeps where the map is moved
const wide = 480; // pixels: from there on the hub's own picture is the large one

/** The query of a view, with what the page's own query keeps. */
export function queryOf(search: string, at: View, width: number): string {
  const kept = search
    .replace(/^\?/, "")
    .split("&")
    .filter((part) => lasting.test(part.split("=")[0]!));
  const size = width >= wide ? ["size=large"] : [];
  return kept.concat(`center=${at.lat.toFixed(5)},${at.lon.toFixed(5)}`, `zoom=${at.zoom}`, size).join("&");
}
