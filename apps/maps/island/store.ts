// Fetches tiles from the hub, and keeps those that were used last.

import { within } from "../../../webui/islands/page";
import { tileOf, weight, type Tile } from "./tile";

/** A tile's place: at zoom z the earth has 2^z tiles along each side. */
export interface Place {
  z: number;
  x: number;
  y: number;
}

const most = 40; // tiles that are kept
const heaviest = 600_000; // points of them
const patience = 20_000; // ms, until a tile counts as not coming

/** What is known of one: null where the map has nothing there. */
type Kept = Promise<Tile | null>;

/** Tiles by their place. */
export class Store {
  private readonly kept = new Map<string, { tile: Kept; weight: number }>();
  private readonly asked = new Set<AbortController>();
  /** Is told of each answer: whether it was one. */
  onanswer: (good: boolean) => void = () => undefined;

  constructor(
    private readonly address: (at: Place) => string,
    private readonly language: string,
  ) {}

  /** A tile, or null where there is none. Fails where the hub does not answer, and is asked again then. */
  get(at: Place): Kept {
    const key = `${at.z}/${at.x}/${at.y}`;
    const known = this.kept.get(key);
    if (known) {
      this.kept.delete(key); // the one used last stands last
      this.kept.set(key, known);
      return known.tile;
    }
    const one = { tile: this.fetch(at), weight: 0 };
    this.kept.set(key, one);
    one.tile.then(
      (tile) => {
        one.weight = tile ? weight(tile) : 0;
        this.trim();
      },
      () => this.kept.delete(key),
    );
    return one.tile;
  }

  /** Gives up what is on its way. */
  drop(): void {
    this.asked.forEach((a) => a.abort());
    this.asked.clear();
  }

  private async fetch(at: Place): Kept {
    const stop = typeof AbortController === "function" ? new AbortController() : undefined;
    if (stop) this.asked.add(stop);
    try {
      const r = await within(patience, fetch(this.address(at), { credentials: "same-origin", ...(stop && { signal: stop.signal }) }));
      if (r.status === 204 || r.status === 404) return null;
      if (!r.ok) throw new Error(String(r.status));
      const tile = tileOf(new Uint8Array(await within(patience, r.arrayBuffer())), this.language);
      this.onanswer(true);
      return tile;
    } catch (e) {
      if (!stop || !stop.signal.aborted) this.onanswer(false);
      throw e;
    } finally {
      if (stop) this.asked.delete(stop);
    }
  }

  private trim(): void {
    let sum = 0;
    this.kept.forEach((k) => (sum += k.weight));
    this.kept.forEach((k, key) => {
      if (this.kept.size <= 1 || (this.kept.size <= most && sum <= heaviest)) return;
      this.kept.delete(key);
      sum -= k.weight;
    });
  }
}
