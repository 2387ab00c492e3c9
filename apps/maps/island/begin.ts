// Where the map begins.

import type { Map as Streets, Point } from "leaflet";
import type { View } from "./given";

const margin = 22; // pixels that a sign needs around its place
const deepest = 16; // zoom that it begins with at the most

/** A part of the screen, in pixels. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A way on the screen, in pixels to the right and down. */
export interface Way {
  x: number;
  y: number;
}

/** Shows what is to be seen at first, as near as this screen has room for; else the view. */
export function begin(map: Streets, { lat, lon, zoom }: View, fit: number[] | null, bar: Box): void {
  if (!fit) map.setView([lat, lon], Math.floor(zoom), { animate: false });
  else if (!beside(map, fit, bar)) within(map, fit, 0, 0);
}

/** Shows a part of the earth beside the buttons, unless that would have it further away; returns whether it has. */
function beside(map: Streets, fit: number[], bar: Box): boolean {
  const { x } = map.getSize();
  const left = bar.left < x - bar.right ? bar.right : 0;
  const right = left ? 0 : x - bar.left;
  if (x - left - right < 4 * margin) return false; // the screen is too small
  const bounds = boundsOf(fit);
  const near = (taken: number): number => Math.min(deepest, map.getBoundsZoom(bounds, false, [taken + 2 * margin, 2 * margin] as unknown as Point));
  if (near(left + right) < near(0)) return false;
  within(map, fit, left, right);
  return true;
}

const boundsOf = ([south, west, north, east]: number[]): [[number, number], [number, number]] => [[south!, west!], [north!, east!]];

function within(map: Streets, fit: number[], left: number, right: number): void {
  map.fitBounds(boundsOf(fit), { paddingTopLeft: [left + margin, margin], paddingBottomRight: [right + margin, margin], maxZoom: deepest, animate: false });
}

/** How far all has to go so that no spot lies under a corner of a box, and all that are on it stay there; null where that cannot be. */
export function clear(spots: Way[], corner: Box, box: Box): Way | null {
  const under = (s: Way): boolean => s.x > corner.left - margin && s.x < corner.right + margin && s.y > corner.top - margin && s.y < corner.bottom + margin;
  const on = (s: Way): boolean => s.x >= box.left + margin && s.x <= box.right - margin && s.y >= box.top + margin && s.y <= box.bottom - margin;
  const covered = spots.filter(under);
  if (!covered.length) return { x: 0, y: 0 };
  const xs = covered.map((s) => s.x);
  const ways: Way[] = [
    { x: corner.left - margin - Math.max(...xs), y: 0 },
    { x: corner.right + margin - Math.min(...xs), y: 0 },
    { x: 0, y: corner.bottom + margin - Math.min(...covered.map((s) => s.y)) },
  ];
  const free = (by: Way): boolean => spots.every((s) => {
    const to = { x: s.x + by.x, y: s.y + by.y };
    return !under(to) && (!on(s) || on(to));
  });
  return ways.filter(free).sort((a, b) => Math.abs(a.x + a.y) - Math.abs(b.x + b.y))[0] || null;
}
