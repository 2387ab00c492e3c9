// Points as people write them into a form.

import { viewOf } from "./given";

/** Latitude and longitude in degrees. */
export type Point = [lat: number, lon: number];

/** Degrees to a tenth of a metre, latitude first: "44.47, -73.21". */
export const written = (at: Point): string => at.map((n) => String(Math.round(n * 1e6) / 1e6)).join(", ");

/** Reads the points of a field, each on a line or ended by a semicolon; null where they are written in a way that only the hub reads. */
export function pointsOf(text: string): Point[] | null {
  const out: Point[] = [];
  for (const part of text.split(/[;\n]/)) {
    const numbers = part.trim().split(/\s*,\s*|\s+/);
    if (numbers[0] === "" && numbers.length === 1) continue;
    const at = numbers.length === 2 ? viewOf(numbers.join(","), 0) : null;
    if (!at) return null;
    out.push([at.lat, at.lon]);
  }
  return out;
}
