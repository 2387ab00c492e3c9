// Keeps what is on the map as the hub knows it.

import { ask, type Answer } from "./places";

const lull = 250; // ms, from when the map has come to rest
const pause = 2_000; // ms, from one change to the next answer: much may be new at once

/** Asks for what is on a part of the map. */
export class Feed {
  private timer = 0;
  private running = false;
  private again = false;

  /** Address is of what is in view now; shown is told each answer. */
  constructor(
    private readonly address: () => string,
    private readonly shown: (a: Answer) => void,
  ) {}

  /** The map has been moved. */
  moved(): void {
    this.soon(lull);
  }

  /** Something may be new. */
  changed(): void {
    if (document.hidden) document.addEventListener("visibilitychange", () => this.soon(lull), { once: true });
    else this.soon(pause);
  }

  /** Asks now. */
  async run(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    const address = this.address();
    try {
      const a = await ask(address);
      if (address === this.address()) this.shown(a);
      else this.again = true; // it was moved meanwhile
    } catch (_) {
      // What is known stays; the next change or move asks again.
    }
    this.running = false;
    if (!this.again) return;
    this.again = false;
    this.soon(lull);
  }

  private soon(ms: number): void {
    if (this.timer && ms > lull) return; // it comes soon enough
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), ms);
  }
}
