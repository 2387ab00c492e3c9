// A tap on the map fills a form's field with the point; several taps draw a line or an area where the form asks for one.

import { LayerGroup, Polygon, Polyline, type LatLng, type Map as Streets, type Marker } from "leaflet";
import { made } from "./card";
import { mark } from "./marks";
import { pointsOf, written, type Point } from "./points";
import { draw } from "./sign";
import { say } from "./words";

const most = 300; // points, which is what a place has at the most
const nearest = 15; // zoom at which a point can be told from the next house
const color = "#c4006a";

/** A pin that stands at a point. */
export function pin(at: Point, draggable: boolean): Marker {
  const box = made("div", "pin");
  const svg = draw("svg", { viewBox: "-22 -38 44 44", width: 44, height: 44, "aria-hidden": "true" });
  svg.appendChild(draw("path", { d: "M0 0C-4-10-12-14-12-23A12 12 0 1 1 12-23C12-14 4-10 0 0Z", fill: color, stroke: "#fff", "stroke-width": 2 }));
  svg.appendChild(draw("circle", { cy: -23, r: 4, fill: "#fff" }));
  box.appendChild(svg);
  return mark(box, at[0], at[1], { draggable, interactive: draggable });
}

/** A point as it is on the one earth, however often the map shows it. */
export function pointOf(at: LatLng): Point {
  const { lat, lng } = at.wrap();
  return [lat, lng];
}

/** Fills a field by taps. */
export class Pick {
  private readonly group = new LayerGroup();
  private points: Point[] = [];
  private writing = false;

  /** Tells by said what has been done, and puts its buttons into acts. */
  constructor(
    private readonly map: Streets,
    private readonly field: HTMLInputElement | HTMLTextAreaElement,
    acts: HTMLElement,
    private readonly said: (words: string) => void,
  ) {
    this.group.addTo(map);
    map.on("click", (e) => this.tap(e.latlng));
    const act = (words: string, does: () => void): void => {
      const b = made("button", "button quiet", words);
      b.type = "button";
      b.onclick = does;
      acts.appendChild(b);
    };
    act(say("middle"), () => this.tap(map.getCenter())); // for who uses keys
    act(say("undo"), () => this.set(this.points.slice(0, -1)));
    field.addEventListener("input", () => !this.writing && this.read());
    const shape = this.shape();
    if (shape) shape.addEventListener("change", () => this.draw());
    this.read();
    said(say("tap"));
  }

  /** The first point that the field has; null where it has none. */
  get first(): Point | null {
    return this.points[0] || null;
  }

  private shape(): HTMLSelectElement | null {
    return this.field.form && this.field.form.querySelector<HTMLSelectElement>("select[name=shape]");
  }

  /** Whether the form asks for several points: a road is a line, if nothing else is chosen. */
  private several(): boolean {
    const s = this.shape();
    if (!s) return false;
    const kind = s.form!.querySelector<HTMLSelectElement>("select[name=kind]");
    return /line|area/.test(s.value) || (!s.value && kind !== null && kind.value === "road");
  }

  private tap(at: LatLng): void {
    const point = pointOf(at);
    if (this.points.length < most) this.set(this.several() ? this.points.concat([point]) : [point]);
  }

  private read(): void {
    this.points = (pointsOf(this.field.value) || []).slice(0, most);
    this.draw();
    if (this.first) this.map.setView(this.first, Math.max(this.map.getZoom(), nearest), { animate: false });
  }

  private set(points: Point[]): void {
    this.points = points;
    this.writing = true;
    this.field.value = points.map(written).join("; ");
    for (const kind of ["input", "change"]) this.field.dispatchEvent(new Event(kind, { bubbles: true }));
    this.writing = false;
    this.draw();
    this.said(points.length ? say("picked").replace("…", written(points[points.length - 1]!)) : say("tap"));
  }

  private draw(): void {
    this.group.clearLayers();
    const s = this.shape();
    if (this.points.length > 1) {
      const how = { color, weight: 3, interactive: false };
      (s && s.value === "area" ? new Polygon(this.points, how) : new Polyline(this.points, how)).addTo(this.group);
    }
    this.points.forEach((p, i) => {
      const m = pin(p, true).addTo(this.group);
      m.on("dragend", () => this.set(this.points.map((old, k) => (k === i ? pointOf(m.getLatLng()) : old))));
    });
  }
}
