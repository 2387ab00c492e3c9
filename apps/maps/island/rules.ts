// How streets and their names are drawn at each zoom, as rules of protomaps-leaflet.

import type Point from "@mapbox/point-geometry";
import { CenteredTextSymbolizer, LineSymbolizer, PolygonSymbolizer } from "protomaps-leaflet";
import type { Feature, Label, LabelRule, LabelSymbolizer, Layout, PaintRule } from "protomaps-leaflet";
import { Along } from "./along";
import { names, shapes, type Name, type Shape } from "./classify";
import type { Palette } from "./palette";

type Stops = [zoom: number, width: number][];

/** Widths of lines by zoom, in pixels of the page: those of the hub's own pictures. */
export const widths: { [s in Shape]?: Stops } = {
  highway: [[5, 0.6], [8, 1.4], [11, 2.6], [13, 4], [15, 7], [17, 12], [20, 26]],
  major: [[7, 0.5], [10, 1.2], [12, 2.2], [14, 4], [16, 8], [18, 14], [20, 24]],
  medium: [[9, 0.5], [12, 1.4], [14, 3.2], [16, 7], [18, 13], [20, 22]],
  minor: [[12, 0.5], [14, 1.8], [15, 3.2], [16, 5.5], [17, 8], [18, 12], [20, 20]],
  tunnel: [[12, 0.5], [14, 1.8], [15, 3.2], [16, 5.5], [17, 8], [18, 12], [20, 20]],
  service: [[14.5, 0.8], [16, 2.4], [18, 6], [20, 12]],
  path: [[14, 0.7], [16, 1.3], [18, 2], [20, 3]],
  rail: [[9, 0.6], [14, 1.2], [17, 2], [20, 3]],
  ferry: [[9, 0.8], [16, 1.4]],
  waterline: [[9, 0.6], [13, 1.4], [16, 3], [20, 8]],
  border: [[2, 0.7], [10, 1.6], [16, 2.4]],
};

/** The width at a zoom, straight from stop to stop. */
export function between(zoom: number, stops: Stops): number {
  let last = stops[0]!;
  for (const stop of stops) {
    if (zoom < stop[0]) return last === stop ? 0 : last[1] + ((stop[1] - last[1]) * (zoom - last[0])) / (stop[0] - last[0]);
    last = stop;
  }
  return last[1];
}

const dashes: { [s in Shape]?: number[] } = { path: [3, 2], ferry: [5, 4], border: [7, 3] };

const line = (shape: Shape, color: string, stops: Stops, wider: (width: number) => number): PaintRule => {
  const dash = dashes[shape];
  return {
    dataLayer: shape,
    minzoom: stops[0]![0],
    symbolizer: new LineSymbolizer({
      color,
      width: (z: number) => wider(between(z, stops)),
      lineJoin: "round",
      lineCap: dash || shape === "tunnel" ? "butt" : "round",
      ...(dash && { dash }),
    }),
  };
};

/** All that is drawn of the ground, from below to above. */
export function ground(p: Palette): PaintRule[] {
  const streets: PaintRule[] = [];
  const edges: PaintRule[] = [];
  const below: PaintRule[] = [];
  for (const shape of shapes) {
    const stops = widths[shape];
    const edge = p.edge[shape];
    if (!stops) below.push({ dataLayer: shape, symbolizer: new PolygonSymbolizer({ fill: p.fill[shape] }) });
    else (edge ? streets : below).push(line(shape, p.fill[shape], stops, (w) => w));
    // The edges of all streets lie below all streets: crossings stay open.
    if (stops && edge) edges.push(line(shape, edge, stops, (w) => w + (w < 1.5 ? 0.9 : 1.8)));
  }
  return below.concat(edges, streets);
}

const sizes: { [n in Name]: number } = { city: 17, state: 13, street: 12, relief: 11, lake: 12, lane: 11, quarter: 12, park: 11, alley: 10, landmark: 10 };
const heavy = /city|state/;
const along = /street|lane|alley/;

const apart = 60; // pixels between two of one name: maps of which one lies beneath the other both have it

/** Names at points, each once. */
class Once implements LabelSymbolizer {
  constructor(private readonly of: LabelSymbolizer) {}

  place(layout: Layout, geom: Point[][], f: Feature): Label[] | undefined {
    const all = this.of.place(layout, geom, f);
    return all && all.map((l) => ({ ...l, deduplicationKey: String(f.props["text"]), deduplicationDistance: apart }));
  }
}

/** All names, the first put first. */
export function labels(p: Palette, family: string): LabelRule[] {
  return names.map((n) => {
    const size = sizes[n];
    // Of towns the larger ones are written larger: their rank is less than none by that of their population.
    const fontOf = (f?: Feature): string => `${heavy.test(n) ? 600 : 500} ${n === "city" && f ? Math.min(size, 10.5 - 0.4 * Number(f.props["rank"])) : size}px ${family}`;
    const beside = { labelProps: ["text"], fill: p.ink[n], stroke: p.halo, width: 3, font: (_: number, f?: Feature) => fontOf(f), lineHeight: 1.5 };
    return {
      dataLayer: n,
      symbolizer: along.test(n) ? new Along({ size, family, fill: p.ink[n], halo: p.halo }) : new Once(new CenteredTextSymbolizer(beside)),
      filter: (zoom, f) => zoom >= Number(f.props["from"]) && zoom <= Number(f.props["until"]),
    };
  });
}
