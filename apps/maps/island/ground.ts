// The streets, as a layer of Leaflet: tiles drawn onto canvases, one after the other so that the page stays quick.

import { GridLayer, type Coords, type DoneCallback } from "leaflet";
import Point from "@mapbox/point-geometry";
import { Labelers, paint, type PaintRule, type PreparedTile } from "protomaps-leaflet";
import { piece, type Extract } from "./cover";
import type { Palette } from "./palette";
import { ground, labels } from "./rules";
import type { Store } from "./store";
import { side } from "./tile";

const sharpest = 2; // pixels of a canvas in one of the page, along each side: phones have little room for more
const around = 16; // pixels beyond a tile from which something reaches into it
const rest = 15_000; // ms, until what did not come is asked for again
const labelled = 32; // tiles of which names are kept

/** A tile on the page. */
interface Drawn {
  at: Coords;
  canvas: HTMLCanvasElement;
  from?: PreparedTile | null;
  done?: DoneCallback;
}

const key = (z: number, x: number, y: number): string => `${z}:${x}:${y}`;

/** The layer of the streets. */
export class Ground extends GridLayer {
  private readonly drawn = new Map<string, Set<Drawn>>();
  private readonly stale = new Set<Drawn>();
  private readonly scale = Math.min(sharpest, window.devicePixelRatio || 1);
  private rules: PaintRule[] = [];
  private names!: Labelers;
  private turn = Promise.resolve();
  private pending = 0;
  private beyond = "";

  constructor(
    private readonly store: Store,
    private readonly maps: Extract[],
    private readonly family: string,
    palette: Palette,
  ) {
    super({ tileSize: side, keepBuffer: 1, updateWhenZooming: false, minZoom: 1 });
    this.choose(palette);
    this.on("tileunload", (e) => this.forget(e.tile as HTMLElement as HTMLCanvasElement));
  }

  /** Draws all in other colours. */
  paintIn(palette: Palette): void {
    this.choose(palette);
    this.each((d) => this.stale.add(d));
    void this.freshen();
  }

  protected override createTile(at: Coords, done: DoneCallback): HTMLElement {
    const canvas = document.createElement("canvas");
    const d: Drawn = { at, canvas, done };
    const k = key(at.z, at.x, at.y);
    const same = this.drawn.get(k);
    if (same) same.add(d);
    else this.drawn.set(k, new Set([d]));
    void this.fill(d);
    return canvas;
  }

  private choose(palette: Palette): void {
    const scratch = document.createElement("canvas").getContext("2d")!;
    this.rules = ground(palette);
    this.beyond = palette.beyond;
    this.names = new Labelers(scratch, labels(palette, this.family), labelled, (changed) => this.mark(changed));
  }

  private each(f: (d: Drawn) => void): void {
    this.drawn.forEach((all) => all.forEach(f));
  }

  private holds(d: Drawn): boolean {
    const same = this.drawn.get(key(d.at.z, d.at.x, d.at.y));
    return same !== undefined && same.has(d);
  }

  private forget(canvas: HTMLCanvasElement): void {
    this.drawn.forEach((all, k) => {
      all.forEach((d) => {
        if (d.canvas !== canvas) return;
        all.delete(d);
        this.stale.delete(d);
      });
      if (all.size === 0) this.drawn.delete(k);
    });
    canvas.width = canvas.height = 0; // some browsers keep it for long otherwise
  }

  /** Names have come over the edge into tiles, which the labeler counts in sides of 256. */
  private mark(changed: Set<string>): void {
    changed.forEach((c) => {
      const [x, y, z] = c.split(":").map(Number) as [number, number, number];
      const all = this.drawn.get(key(z, x >> 1, y >> 1));
      if (all) all.forEach((d) => this.stale.add(d));
    });
  }

  private async fill(d: Drawn): Promise<void> {
    this.pending++;
    try {
      d.from = await piece(this.store, this.maps, { z: d.at.z - 1, x: d.at.x, y: d.at.y });
      await this.next();
      if (this.holds(d)) this.draw(d);
    } catch (_) {
      setTimeout(() => this.holds(d) && void this.fill(d), rest);
    }
    this.pending--;
    if (d.done) d.done(undefined, d.canvas);
    delete d.done;
    void this.freshen();
  }

  /** Waits for others that draw, and lets the page do what it has to. */
  private next(): Promise<void> {
    return (this.turn = this.turn.then(() => new Promise((go) => setTimeout(go, 0))));
  }

  /** Draws again what is stale, once nothing is about to make more of it so. */
  private async freshen(): Promise<void> {
    while (this.pending === 0 && this.stale.size > 0) {
      await this.next();
      const d = this.stale.values().next().value;
      if (d && this.holds(d)) this.draw(d);
    }
  }

  private draw(d: Drawn): void {
    this.stale.delete(d);
    const { canvas, at, from } = d;
    const { x, y, z } = at;
    const tiles = new Map(from ? [["", [from]]] : []);
    this.names.add(z, tiles);
    this.stale.delete(d); // it is drawn with its own names
    canvas.width = canvas.height = side * this.scale;
    const ctx = canvas.getContext("2d");
    if (!ctx) return; // the device has no room left
    ctx.scale(this.scale, this.scale);
    ctx.fillStyle = this.beyond;
    ctx.fillRect(0, 0, side, side);
    const box = { minX: side * x - around, minY: side * y - around, maxX: side * (x + 1) + around, maxY: side * (y + 1) + around };
    paint(ctx, z, tiles, this.names.getIndex(z) || null, this.rules, box, new Point(side * x, side * y), false);
  }
}
