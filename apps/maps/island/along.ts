// Writes the names of streets along them, letter by letter, as the hub's own pictures do.

import Point from "@mapbox/point-geometry";
import type { Feature, Label, LabelSymbolizer, Layout } from "protomaps-leaflet";

const sharpest = (26 * Math.PI) / 180; // from one letter to the next
const straight = (8 * Math.PI) / 180; // the same over a whole name whose letters belong together
const again = 210; // pixels from a street's name to where it comes again
const most = 6; // times that a name comes on a tile
const pad = 5; // pixels before a name and after it
const near = 3; // pixels between lines that go on in each other

/** Scripts whose letters join or move, so that they cannot be set apart: those from Hebrew to Khmer. */
const bound = /[\u0590-\u109f\u1780-\u17ff]/;

type Line = Point[];

function reversed(line: Line): Line {
  return line.slice().reverse();
}

/** The angle by which a turns into b. */
function turn(a: number, b: number): number {
  const t = Math.abs(a - b) % (2 * Math.PI);
  return Math.min(t, 2 * Math.PI - t);
}

const heading = (a: Point, b: Point): number => Math.atan2(b.y - a.y, b.x - a.x);

/** Joins lines that go on in each other, the straightest way first; a street comes in pieces from crossing to crossing. */
export function joined(lines: Line[]): Line[] {
  const cell = (p: Point): string => Math.round(p.x / near) + ":" + Math.round(p.y / near);
  const ends = new Map<string, Set<Line>>();
  const left = new Set<Line>();
  const each = (l: Line, f: (at: Set<Line>, k: string) => void): void => {
    for (const k of [cell(l[0]!), cell(l[l.length - 1]!)]) {
      const at = ends.get(k) || new Set<Line>();
      ends.set(k, at);
      f(at, k);
    }
  };
  for (const l of lines) {
    if (l.length < 2) continue;
    left.add(l);
    each(l, (at) => at.add(l));
  }
  const take = (l: Line): void => {
    left.delete(l);
    each(l, (at) => at.delete(l));
  };
  /** Adds to the end of a line what goes on there. */
  const grow = (line: Line): Line => {
    for (;;) {
      const end = line[line.length - 1]!;
      const from = heading(line[line.length - 2]!, end);
      let best: Line | undefined;
      let least = Math.PI / 3; // a street that turns more has its name again
      (ends.get(cell(end)) || new Set<Line>()).forEach((l) => {
        for (const way of [l, reversed(l)]) {
          if (cell(way[0]!) !== cell(end)) continue;
          const t = turn(from, heading(way[0]!, way[1]!));
          if (t < least) {
            least = t;
            best = way === l ? l : way;
          }
        }
      });
      if (!best) return line;
      const next: Line = best;
      left.forEach((l) => (l === next || (l.length === next.length && l[0] === next[next.length - 1] && l[l.length - 1] === next[0])) && take(l));
      line = line.concat(next.slice(1));
    }
  };
  const out: Line[] = [];
  for (let next = left.values().next(); !next.done; next = left.values().next()) {
    take(next.value);
    out.push(grow(reversed(grow(next.value))));
  }
  return out;
}

/** A line for letters to stand on: without kinks that nobody sees, and with round corners. */
export function smooth(line: Line): Line {
  const plain = simple(line, 1.5);
  let out = plain;
  for (let i = 0; i < 2; i++) {
    const cut: Line = [out[0]!];
    for (let k = 1; k < out.length; k++) {
      const a = out[k - 1]!;
      const b = out[k]!;
      cut.push(between(a, b, 0.25), between(a, b, 0.75));
    }
    cut.push(out[out.length - 1]!);
    out = cut;
  }
  return out;
}

const between = (a: Point, b: Point, share: number): Point => new Point(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share);

/** A line without points that are nearer than so much to the straight way past them (Douglas and Peucker's). */
function simple(line: Line, near: number): Line {
  const keep = new Set([0, line.length - 1]);
  const todo: [number, number][] = [[0, line.length - 1]];
  for (let part = todo.pop(); part; part = todo.pop()) {
    const [from, to] = part;
    const a = line[from]!;
    const b = line[to]!;
    const long = a.dist(b);
    let most = near;
    let at = -1;
    for (let i = from + 1; i < to; i++) {
      const p = line[i]!;
      const off = long > 0 ? Math.abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / long : p.dist(a);
      if (off > most) {
        most = off;
        at = i;
      }
    }
    if (at < 0) continue;
    keep.add(at);
    todo.push([from, at], [at, to]);
  }
  return line.filter((_, i) => keep.has(i));
}

/** A line by how far along it something is. */
class Route {
  readonly length: number;
  private readonly upto: number[] = [];
  private leg = 0;

  constructor(private readonly line: Line) {
    let sum = 0;
    line.forEach((p, i) => {
      if (i > 0) sum += p.dist(line[i - 1]!);
      this.upto.push(sum);
    });
    this.length = sum;
  }

  at(far: number): Point {
    const { line, upto } = this;
    while (this.leg > 0 && upto[this.leg]! > far) this.leg--;
    while (this.leg < line.length - 2 && upto[this.leg + 1]! < far) this.leg++;
    const whole = upto[this.leg + 1]! - upto[this.leg]!;
    return between(line[this.leg]!, line[this.leg + 1]!, whole > 0 ? (far - upto[this.leg]!) / whole : 0);
  }
}

/** A letter that has its place. */
interface Letter {
  text: string;
  at: Point;
  angle: number;
  width: number;
}

/** How names are written. */
export interface Hand {
  size: number; // pixels
  family: string;
  fill: string;
  halo: string;
}

const smallest = 10; // pixels: what finds no room is tried smaller, but not below

/** Names along lines. A feature's name is its property "text". */
export class Along implements LabelSymbolizer {
  private readonly widths = new Map<string, number>();
  private readonly font: string;
  private readonly smaller: Along | null;

  constructor(private readonly hand: Hand) {
    this.font = `500 ${hand.size}px ${hand.family}`;
    this.smaller = hand.size > smallest ? new Along({ ...hand, size: Math.max(smallest, hand.size * 0.88) }) : null;
  }

  place(layout: Layout, geom: Point[][], f: Feature): Label[] {
    const text = String(f.props["text"]);
    const letters = bound.test(text) ? [text] : Array.from(text);
    const widths = this.widthsOf(layout.scratch, letters);
    const width = widths.reduce((a, b) => a + b, 0);
    const labels: Label[] = [];
    for (const line of geom) {
      const route = new Route(smooth(line));
      for (const from of starts(route.length, width)) {
        if (labels.length === most) return labels;
        const laid = this.lay(route, from, width, letters, widths);
        if (laid) labels.push(this.label(text, laid));
      }
    }
    return labels.length === 0 && this.smaller ? this.smaller.place(layout, geom, f) : labels;
  }

  private widthsOf(ctx: CanvasRenderingContext2D, letters: string[]): number[] {
    const fresh = letters.filter((l) => !this.widths.has(l));
    if (fresh.length > 0) ctx.font = this.font; // takes long
    for (const l of fresh) this.widths.set(l, ctx.measureText(l).width);
    return letters.map((l) => this.widths.get(l)!);
  }

  /** Sets letters along a route, from where they begin; null where it turns too sharply. */
  private lay(route: Route, from: number, width: number, letters: string[], widths: number[]): Letter[] | null {
    const a = route.at(from);
    const b = route.at(from + width);
    const chord = a.dist(b);
    if (chord < 0.7 * width || (letters.length === 1 && chord < Math.cos(straight) * width)) return null;
    const back = b.x < a.x; // so that the letters stand upright
    const out: Letter[] = [];
    let far = 0;
    for (let i = 0; i < letters.length; i++) {
      const w = widths[i]!;
      const reach = Math.max(w, this.hand.size * 0.8) / 2;
      const middle = back ? from + width - far - w / 2 : from + far + w / 2;
      const p = route.at(middle - reach);
      const q = route.at(middle + reach);
      const angle = back ? heading(q, p) : heading(p, q);
      const last = out[i - 1];
      if (last && turn(last.angle, angle) > sharpest) return null;
      out.push({ text: letters[i]!, at: p.add(q).div(2), angle, width: w });
      far += w;
    }
    return out;
  }

  private label(text: string, letters: Letter[]): Label {
    const { size, fill, halo } = this.hand;
    const { font } = this;
    const anchor = letters[0]!.at;
    const bboxes = letters.map(({ at, angle, width }) => {
      const x = Math.abs(Math.cos(angle) * width) / 2 + size * 0.4;
      const y = Math.abs(Math.sin(angle) * width) / 2 + size * 0.4;
      return { minX: at.x - x, minY: at.y - y, maxX: at.x + x, maxY: at.y + y };
    });
    const draw = (ctx: CanvasRenderingContext2D): void => {
      ctx.font = font;
      ctx.globalAlpha = 1;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.lineJoin = "round";
      ctx.lineWidth = 3;
      ctx.strokeStyle = halo;
      ctx.fillStyle = fill;
      for (const write of ["strokeText", "fillText"] as const) {
        for (const l of letters) {
          ctx.save();
          ctx.translate(l.at.x - anchor.x, l.at.y - anchor.y);
          ctx.rotate(l.angle);
          ctx[write](l.text, 0, 0);
          ctx.restore();
        }
      }
    };
    return { anchor, bboxes, draw, deduplicationKey: text, deduplicationDistance: again };
  }
}

/** Where a name may begin on a line: in its middle first, then again and again. */
export function starts(length: number, width: number): number[] {
  const room = length - width - 2 * pad;
  if (room < 0) return [];
  const middle = pad + room / 2;
  const out = [middle];
  const step = Math.max(again / 3, width / 3);
  for (let off = step; off <= room / 2 && out.length < 40; off += step) out.push(middle - off, middle + off);
  return out;
}
