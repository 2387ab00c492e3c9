// Where the map begins.

import type { Map as Streets } from "leaflet";
import type { View } from "./given";

const margin = 24; // pixels around what is to be seen, as the hub's pictures have it
const deepest = 16; // zoom that it begins with at the most

/** Shows what is to be seen at first, as near as this screen has room for; else the view. */
export function begin(map: Streets, { lat, lon, zoom }: View, fit: number[] | null): void {
  if (!fit) {
    map.setView([lat, lon], Math.floor(zoom), { animate: false });
    return;
  }
  const [south, west, north, east] = fit as [number, number, number, number];
  map.fitBounds([[south, west], [north, east]], { padding: [margin, margin], maxZoom: deepest, animate: false });
}

/** A part of the screen, in pixels. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * How far what is on a box has to go to the right and down so that no spot lies under a corner of it, and all stay on
 * it; none where that cannot be.
 */
export function clear(spots: { x: number; y: number }[], corner: Box, box: Box): { x: number; y: number } {
  const near = margin - 2;
  const under = spots.filter((s) => s.x > corner.left - near && s.x < corner.right + near && s.y > corner.top - near && s.y < corner.bottom + near);
  if (!under.length) return { x: 0, y: 0 };
  const of = (side: "x" | "y", least: boolean): number => (least ? Math.min : Math.max)(...spots.map((s) => s[side]));
  const free = (dx: number, dy: number): boolean => {
    const inside = of("x", true) + dx >= box.left + near && of("x", false) + dx <= box.right - near && of("y", true) + dy >= box.top + near && of("y", false) + dy <= box.bottom - near;
    return inside && !spots.some((s) => s.x + dx > corner.left - near && s.x + dx < corner.right + near && s.y + dy > corner.top - near && s.y + dy < corner.bottom + near);
  };
  const sideways = corner.left - box.left < box.right - corner.right ? corner.right + near - Math.min(...under.map((s) => s.x)) : corner.left - near - Math.max(...under.map((s) => s.x));
  const down = corner.bottom + near - Math.min(...under.map((s) => s.y));
  if (free(sideways, 0)) return { x: sideways, y: 0 };
  if (free(0, down)) return { x: 0, y: down };
  return { x: 0, y: 0 };
}
