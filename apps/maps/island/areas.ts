// The lines and areas of places, under their signs.

import { LayerGroup, Polygon, Polyline, type LatLngTuple, type Layer, type Map as Streets, type PathOptions } from "leaflet";
import type { Place, Position } from "./places";
import { lookOf } from "./sign";

const flip = ([lon, lat]: Position): LatLngTuple => [lat, lon];

/** All lines and areas on a map. */
export class Areas {
  private readonly group = new LayerGroup();

  constructor(map: Streets) {
    this.group.addTo(map);
  }

  /** Shows those of places, and a line that somebody is about to draw. They are not pressed: their signs are. */
  show(places: Place[], picked: Position[]): void {
    this.group.clearLayers();
    const add = (of: (o: PathOptions) => Layer, o: PathOptions): void => {
      of({ color: "#fff", weight: (o.weight || 3) + 3, fill: false, interactive: false }).addTo(this.group);
      of({ ...o, interactive: false }).addTo(this.group);
    };
    if (picked.length > 1) add((o) => new Polyline(picked.map(flip), o), { color: "#c4006a", weight: 3 });
    for (const p of places) {
      const color = lookOf(p.kind).line;
      const dash = p.unsure ? "6 5" : p.kind === "road" ? "9 5" : "";
      const how: PathOptions = { color, weight: 4, ...(dash && { dashArray: dash }) };
      for (const l of p.where.lines) add((o) => new Polyline(l.map(flip), o), how);
      for (const rings of p.where.areas) add((o) => new Polygon(rings.map((r) => r.map(flip)), o), { ...how, weight: 2.5, fillOpacity: 0.16 });
    }
  }
}
