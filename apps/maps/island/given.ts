// What the page says of its map, in data attributes of the element that the map replaces.

import { find, prefix } from "../../../webui/islands/page";
import type { Extract } from "./cover";

/** A part of the earth: its middle, and how near. */
export interface View {
  lat: number;
  lon: number;
  zoom: number;
}

/** All that the page says. */
export interface Given {
  tiles: string; // where tiles are: followed by z/x/y
  version: string; // of the street maps that the hub has; empty: not known
  maps: Extract[];
  feed: string; // where what is on a part of the map is asked for
  at: View | null; // where the map begins; null: where the hub says
  fit: number[] | null; // south, west, north and east of what is to be seen at first
  credit: string; // whom to thank for the streets
  field: HTMLInputElement | HTMLTextAreaElement | null; // of a form, which a tap fills with a point
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (_) {
    return null;
  }
}

const numbers = (v: unknown, n: number): v is number[] => Array.isArray(v) && v.length === n && v.every((x) => typeof x === "number" && isFinite(x));

/** Reads "44.47,-73.21" or "44.47,-73.21,15". */
export function viewOf(text: string, zoom: number): View | null {
  const all = text.split(",").map((s) => (s.trim() ? Number(s) : NaN));
  const [lat, lon, near = zoom] = all;
  if (all.length < 2 || all.length > 3 || !numbers([lat, lon, near], 3)) return null;
  return Math.abs(lat!) <= 90 && Math.abs(lon!) <= 180 ? { lat: lat!, lon: lon!, zoom: near } : null;
}

/** Reads "44.4,-73.3,44.5,-73.1". */
export function fitOf(text: string): number[] | null {
  const all = text.split(",").map((s) => (s.trim() ? Number(s) : NaN));
  return numbers(all, 4) && all.every((v, i) => Math.abs(v) <= (i % 2 ? 360 : 90)) ? all : null;
}

/** Reads the maps that the hub has; without them it is asked for all. */
export function mapsOf(text: string): Extract[] {
  const all = json(text);
  if (!Array.isArray(all)) return [{ bounds: [-180, -90, 180, 90], min: 0, max: 15 }];
  return (all as unknown[])
    .map((m) => (typeof m === "object" && m !== null ? (m as { [name: string]: unknown }) : {}))
    .filter((m) => numbers(m["bounds"], 4) && numbers([m["min"], m["max"]], 2))
    .map((m) => m as unknown as Extract);
}

/** Reads the element. */
export function givenBy(box: HTMLElement): Given {
  const said = (name: string): string => box.getAttribute("data-" + name) || "";
  const field = said("field") ? find("#" + said("field")) : null;
  return {
    tiles: prefix + "/maps/tiles/",
    version: said("version"),
    maps: mapsOf(said("maps")),
    feed: prefix + "/api/v1/maps/map",
    at: viewOf(said("at"), 15),
    fit: fitOf(said("fit")),
    credit: said("credit"),
    field: field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field : null,
  };
}
