// The signs of places on the map: buttons, in the order of the list, put together where they would hide each other.

import { Icon, Marker, type Map as Streets, type MarkerOptions } from "leaflet";
import { bunch, caption, type Bunch, type Spot } from "./bunch";
import { made, nameOf } from "./card";
import type { Place } from "./places";
import { signOf } from "./sign";
import { some } from "./words";

const reach = 36; // pixels from which on signs stand apart: as much as is drawn of one
const target = 44; // pixels: what a finger hits
const many = 200; // signs from which on more of them are put together
const wider = 66; // pixels, then
const named = 3; // of several, whose names are said
const margin = 0.2; // of the view, around it
const rim = 10; // pixels of a sign that may be covered

/** An icon that is an element of ours, which Leaflet moves. */
class Own extends Icon {
  constructor(private readonly element: HTMLElement) {
    super({ iconUrl: "" });
  }
  override createIcon(): HTMLElement {
    return this.element;
  }
  override createShadow(): HTMLElement {
    return null as unknown as HTMLElement; // as Leaflet has it where there is none
  }
}

/** Puts an element on the map, there where a place is. */
export function mark(element: HTMLElement, lat: number, lon: number, options: MarkerOptions = {}): Marker {
  element.className += " leaflet-marker-icon";
  return new Marker([lat, lon], { icon: new Own(element), keyboard: false, ...options });
}

/** A sign on the map. */
interface Sign {
  ids: string[];
  button: HTMLButtonElement;
  marker: Marker;
}

/** All signs on a map. */
export class Marks {
  private places: Place[] = [];
  private signs = new Map<string, Sign>();
  private on: string[] = [];

  /** Chosen is told which places somebody asks about; over are elements that lie over signs. */
  constructor(
    private readonly map: Streets,
    private readonly chosen: (places: Place[]) => void,
    private readonly over: HTMLElement[],
  ) {
    map.on("moveend", () => this.draw());
  }

  /** Shows places, in their order. */
  show(places: Place[]): void {
    this.places = places;
    this.draw();
  }

  /** Marks those that are asked about; none by an empty list. */
  light(ids: string[]): void {
    this.on = ids;
    this.signs.forEach((s) => s.button.classList[this.lit(s) ? "add" : "remove"]("on"));
  }

  /** Has keys pass by what is covered: nobody would see where they are. */
  reach(): void {
    const covers = this.over.filter((e) => !e.hidden).map((e) => e.getBoundingClientRect());
    this.signs.forEach(({ button }) => {
      const r = button.getBoundingClientRect();
      const covered = covers.some((c) => r.left + rim < c.right && r.right - rim > c.left && r.top + rim < c.bottom && r.bottom - rim > c.top);
      button.tabIndex = covered ? -1 : 0;
    });
  }

  /** Goes to the sign of a place, for who uses keys. */
  focus(ids: string[]): void {
    let found: Sign | undefined;
    this.signs.forEach((s) => {
      if (ids.some((id) => s.ids.indexOf(id) >= 0)) found = found || s;
    });
    (found ? found.button : this.map.getContainer()).focus();
  }

  private lit(s: Sign): boolean {
    return s.ids.some((id) => this.on.indexOf(id) >= 0);
  }

  private draw(): void {
    const zoom = this.map.getZoom();
    const seen = this.map.getBounds().pad(margin);
    const spots: Spot<Place>[] = [];
    for (const p of this.places) {
      const [lon, lat] = p.at;
      if (!seen.contains([lat, lon])) continue;
      spots.push({ ...this.map.project([lat, lon], zoom), of: p });
    }
    const apart = spots.length > many ? wider : reach;
    const bunches = bunch(spots.map((s) => this.aside(s, spots, apart)), apart);
    const before = this.signs;
    this.signs = new Map();
    for (const b of bunches) {
      const key = JSON.stringify(b.of.map((p) => [p.id, nameOf(p), p.kind, p.unsure, p.at]));
      const old = before.get(key);
      before.delete(key);
      this.signs.set(key, old || this.put(b));
    }
    const pane = this.map.getPane("markerPane")!;
    const held = document.activeElement as HTMLElement | null;
    before.forEach((s) => this.map.removeLayer(s.marker));
    let at = pane.firstElementChild;
    this.signs.forEach(({ button }) => {
      if (at === button) at = at.nextElementSibling;
      else pane.insertBefore(button, at); // Tab goes by the order of the list
    });
    this.reach();
    if (!held || !held.classList.contains("sign") || held === document.activeElement) return;
    (pane.contains(held) ? held : this.map.getContainer()).focus();
  }

  /** Puts the sign of an area where it hides no place, if there is room in it. */
  private aside(s: Spot<Place>, spots: Spot<Place>[], apart: number): Spot<Place> {
    const places = spots.filter((o) => o.of.others.length === 0);
    for (const at of s.of.others) {
      const { x, y } = this.map.project([at[1], at[0]], this.map.getZoom());
      if (places.every((o) => Math.hypot(o.x - x, o.y - y) >= apart)) return { x, y, of: { ...s.of, at } };
    }
    return s;
  }

  private put(b: Bunch<Place>): Sign {
    const [first] = b.of as [Place];
    const button = made("button", "sign");
    button.type = "button";
    const count = b.of.reduce((n, p) => n + p.count, 0);
    if (count === 1) {
      button.appendChild(signOf(first.kind, first.number, first.unsure));
      button.setAttribute("aria-label", nameOf(first));
    } else {
      const seen = caption(b.of.filter((p) => p.kind !== "notice").map((p) => p.number), count, b.of.filter((p) => p.kind === "notice").length);
      button.appendChild(made("b", "", seen));
      const names = b.of.map((p) => p.name).filter(Boolean);
      const some3 = names.slice(0, named).concat(names.length > named ? "…" : []).join(", ");
      // Who speaks to their device says what they see (WCAG 2.2, 2.5.3).
      button.setAttribute("aria-label", seen + ", " + some("some", count) + (some3 && ": " + some3));
    }
    const [lon, lat] = first.at;
    const marker = mark(button, lat, lon).addTo(this.map);
    marker.on("click", () => this.press(b.of));
    const s = { ids: b.of.map((p) => p.id), button, marker };
    if (this.lit(s)) button.classList.add("on");
    return s;
  }

  /** Of several, goes nearer until they stand apart; where they never do, they are told. */
  private press(places: Place[]): void {
    const [first] = places as [Place];
    const zoom = this.map.getZoom();
    const most = this.map.getMaxZoom();
    const at = places.map((p) => p.at).map(([lon, lat]): [number, number] => [lat, lon]);
    const apart = at.some(([lat, lon]) => this.map.project([lat, lon], most).distanceTo(this.map.project(at[0]!, most)) > target);
    if (zoom < most && (apart || (places.length === 1 && first.count > 1))) {
      this.map.getContainer().focus();
      if (places.length === 1) this.map.setView(at[0]!, zoom + 2);
      else this.map.fitBounds(at, { maxZoom: Math.max(zoom + 1, Math.min(most, this.map.getBoundsZoom(at))), padding: [target, target] });
      return;
    }
    this.chosen(places);
  }
}
