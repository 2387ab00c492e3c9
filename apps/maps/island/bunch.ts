// Puts together what would hide each other on the map.

/** A thing at a place on the screen, in pixels. */
export interface Spot<T> {
  x: number;
  y: number;
  of: T;
}

/** Things that stand together, where the first of them is. */
export interface Bunch<T> {
  x: number;
  y: number;
  of: T[];
}

/**
 * Bunches spots of which no two bunches are nearer to each other than reach. Where a spot comes earlier its place is
 * kept; the order is that of the spots. Takes time by their number alone.
 */
export function bunch<T>(spots: Spot<T>[], reach: number): Bunch<T>[] {
  const all: Bunch<T>[] = [];
  const cells = new Map<string, Bunch<T>[]>(); // squares with a side of reach
  const cell = (v: number): number => Math.floor(v / reach);
  for (const s of spots) {
    const cx = cell(s.x);
    const cy = cell(s.y);
    let nearest: Bunch<T> | undefined;
    let best = reach * reach;
    for (let x = cx - 1; x <= cx + 1; x++) {
      for (let y = cy - 1; y <= cy + 1; y++) {
        for (const b of cells.get(x + ":" + y) || []) {
          const far = (b.x - s.x) * (b.x - s.x) + (b.y - s.y) * (b.y - s.y);
          if (far < best) {
            best = far;
            nearest = b;
          }
        }
      }
    }
    if (nearest) {
      nearest.of.push(s.of);
      continue;
    }
    const b: Bunch<T> = { x: s.x, y: s.y, of: [s.of] };
    all.push(b);
    const k = cx + ":" + cy;
    const there = cells.get(k);
    if (there) there.push(b);
    else cells.set(k, [b]);
  }
  return all;
}

const longest = 8; // letters: more would hide what is beside it

/** What stands on the sign of several: the numbers of up to three, or how many they are; and a mark where notices are among them. */
export function caption(numbers: number[], count: number, notices = 0): string {
  if (notices > 0 && notices < count) return caption(numbers, count - notices) + " !";
  const all = numbers.filter((n) => n > 0 && n < 1000).sort((a, b) => a - b);
  const text = all.join(", ");
  return all.length < count || count > 3 || text.length > longest ? "×" + count : text;
}
