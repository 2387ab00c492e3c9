// What pops up over the map of a place: made of nodes, so that text stays text.

import { listed, say, some } from "./words";
import type { Place } from "./places";

/** An element with a class and a text. */
export function made<K extends keyof HTMLElementTagNameMap>(name: K, className = "", text = ""): HTMLElementTagNameMap[K] {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text) e.textContent = text;
  return e;
}

/** A place's name for who hears it, and for who sees no more: "3. Hill School · Shelter · Now open". */
export function nameOf(p: Place): string {
  if (p.count > 1) return some("some", p.count);
  const name = (p.number ? p.number + ". " : "") + p.name;
  const kind = say("kind-" + p.kind);
  return listed([name, p.name === kind ? "" : kind, p.status && say("status-" + p.status), p.unsure ? say("unsure") : ""]);
}

/** What is said of one place: its row in the page's list if it stands there, with all that the hub has put in words. */
function about(p: Place): Node[] {
  const row = document.getElementById(p.id);
  if (row) {
    const copy = document.importNode(row, true);
    Array.prototype.forEach.call(copy.querySelectorAll("[id]"), (e: Element) => e.removeAttribute("id"));
    return Array.prototype.slice.call(copy.childNodes) as Node[];
  }
  const first = made("p");
  const title = made("b");
  title.appendChild(made("bdi", "", p.count > 1 ? nameOf(p) : (p.number ? p.number + ". " : "") + (p.name || say("kind-" + p.kind))));
  first.appendChild(title);
  const rest = p.count > 1 ? "" : listed([say("kind-" + p.kind), p.status && say("status-" + p.status), p.unsure ? say("unsure") : ""]);
  const out: Node[] = [first];
  if (rest) out.push(made("p", "", rest));
  if (p.link) {
    const more = made("a", "", say("more"));
    more.href = p.link;
    const line = made("p");
    line.appendChild(more);
    out.push(line);
  }
  return out;
}

/** The card over the map. */
export class Card {
  private readonly box = made("div", "streets-card");
  private readonly inside = made("div");
  private shown: string[] = [];
  private after: (() => void) | null = null;

  /** Stands in a map; closed is told where the reader was: the ids of what was shown. */
  constructor(
    map: HTMLElement,
    private readonly closed: (ids: string[]) => void,
  ) {
    const shut = made("button", "shut", "×");
    shut.type = "button";
    shut.setAttribute("aria-label", say("close"));
    shut.onclick = () => this.shut();
    this.box.setAttribute("role", "dialog");
    this.box.dir = document.documentElement.dir;
    this.box.tabIndex = -1;
    this.box.hidden = true;
    this.box.onkeydown = (e) => {
      e.stopPropagation(); // the map moves by keys
      if (e.key === "Escape" || e.key === "Esc") this.shut();
    };
    this.box.appendChild(shut);
    this.box.appendChild(this.inside);
    map.appendChild(this.box);
  }

  /** The element, which the map leaves alone. */
  get element(): HTMLElement {
    return this.box;
  }

  /** Shows one place, or several of which one can be chosen. */
  open(places: Place[]): void {
    this.leave();
    this.fill(places);
    this.show();
  }

  /** Shows something else; after is called when that is over. */
  say(name: string, nodes: Node[], after: () => void): void {
    this.leave();
    this.shown = [];
    this.after = after;
    this.put(name, [made("p", "", name) as Node].concat(nodes));
    this.show();
  }

  /** Takes over what is new of places that are shown. */
  freshen(places: Place[]): void {
    if (this.box.hidden || this.shown.length === 0 || this.inside.contains(document.activeElement)) return;
    const by = new Map(places.map((p): [string, Place] => [p.id, p]));
    const all = this.shown.map((id) => by.get(id)).filter((p): p is Place => p !== undefined);
    if (all.length > 0) this.fill(all);
  }

  /** Closes it, and says whether it was open. */
  shut(): boolean {
    if (this.box.hidden) return false;
    this.box.hidden = true;
    this.leave();
    this.closed(this.shown);
    this.shown = [];
    return true;
  }

  private leave(): void {
    const { after } = this;
    this.after = null;
    if (after) after();
  }

  private show(): void {
    this.box.hidden = false;
    this.box.scrollTop = 0;
    this.box.focus();
  }

  private put(name: string, nodes: Node[]): void {
    this.inside.textContent = "";
    this.box.setAttribute("aria-label", name);
    nodes.forEach((n) => this.inside.appendChild(n));
  }

  private fill(places: Place[]): void {
    this.shown = places.map((p) => p.id);
    const [only] = places;
    if (!only) return;
    if (places.length === 1) this.put(nameOf(only), about(only));
    else this.put(some("some", places.length), places.map((p) => this.choice(p)));
  }

  private choice(p: Place): HTMLElement {
    const b = made("button", "button quiet");
    b.type = "button";
    b.appendChild(made("bdi", "", nameOf(p)));
    b.onclick = () => this.open([p]);
    return b;
  }
}
