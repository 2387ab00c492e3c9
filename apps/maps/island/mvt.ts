// Reads vector tiles (Mapbox Vector Tile Specification 2.1, in protocol buffers). A tile is another's data: whatever
// is in it, reading takes bounded time and room.

import Point from "@mapbox/point-geometry";

/** Bounds of a tile: those of real streets have some 100,000 bytes, and fewer points. */
export const maxBytes = 2 << 20;
export const maxPoints = 300_000;
const maxFeatures = 50_000;
const maxLayers = 64;

/** What a feature is made of. */
export const enum Geometry {
  Points = 1,
  Lines = 2,
  Polygons = 3,
}

/** What a feature says of itself, by the names that were asked for. It has no prototype. */
export type Props = { [name: string]: string | number | boolean | undefined };

/** A part of a shape, in units of which a tile's side has so many as were asked for. */
export type Part = Point[];

/** Asks which properties are read, and takes features. */
export interface Taker {
  /** Whether a layer is read at all. */
  layer(name: string): boolean;
  /** Whether a property is. */
  prop(name: string): boolean;
  /** Takes a feature; its parts are read only if they are asked for. Of a polygon each part is closed. */
  take(layer: string, type: Geometry, props: Props, parts: () => Part[]): void;
}

/** Why a tile is not drawn. */
export class BadTile extends Error {}

const bad = (what: string): never => {
  throw new BadTile("vector tile: " + what);
};

/** Protocol buffers: fields of bytes from at to end. */
class Bytes {
  constructor(
    private readonly all: Uint8Array,
    public at: number,
    public readonly end: number,
  ) {}

  get more(): boolean {
    return this.at < this.end;
  }

  /** An unsigned integer; beyond 2^53 it is not exact. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.end) bad("it ends within a number");
      const byte = this.all[this.at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    return bad("a number is too long");
  }

  /** What follows with its length in front. */
  part(): Bytes {
    const length = this.varint();
    if (length > this.end - this.at) bad("a part is longer than the whole");
    this.at += length;
    return new Bytes(this.all, this.at - length, this.at);
  }

  /** A number of so many bytes, as IEEE 754 has it, the lowest byte first. */
  float(bytes: 4 | 8): number {
    if (bytes > this.end - this.at) bad("it ends within a number");
    const view = new DataView(this.all.buffer, this.all.byteOffset + this.at, bytes);
    this.at += bytes;
    return bytes === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  }

  /** Passes over a field of a wire type. */
  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 1) this.float(8);
    else if (wire === 2) this.part();
    else if (wire === 5) this.float(4);
    else bad("a field is of no known kind");
  }

  text(): string {
    return utf8(this.all.subarray(this.at, this.end));
  }
}

let decoder: TextDecoder | undefined;

function utf8(bytes: Uint8Array): string {
  if (typeof TextDecoder === "function") return (decoder = decoder || new TextDecoder()).decode(bytes);
  let latin = "";
  for (let i = 0; i < bytes.length; i++) latin += String.fromCharCode(bytes[i]!);
  try {
    return decodeURIComponent(escape(latin));
  } catch (_) {
    return "";
  }
}

const signed = (n: number): number => (n % 2 ? -(n + 1) / 2 : n / 2); // "zigzag"

/** Calls each for the fields of a message. What each does not read of a field is passed over. */
function fields(b: Bytes, each: (field: number, wire: number, b: Bytes) => boolean): void {
  while (b.more) {
    const key = b.varint();
    const wire = key % 8;
    if (!each((key - wire) / 8, wire, b)) b.skip(wire);
  }
}

/** Reads a tile. Size is how many units its side has in what is taken. */
export function read(tile: Uint8Array, size: number, to: Taker): void {
  if (tile.length > maxBytes) bad("it is too large");
  const left = { points: maxPoints, features: maxFeatures, layers: maxLayers };
  fields(new Bytes(tile, 0, tile.length), (field, wire, b) => {
    if (field !== 3 || wire !== 2) return false;
    if (left.layers-- <= 0) bad("it has too many layers");
    readLayer(b.part(), size, to, left);
    return true;
  });
}

type Left = { points: number; features: number };

function readLayer(b: Bytes, size: number, to: Taker, left: Left): void {
  const features: Bytes[] = [];
  const keys: string[] = [];
  const values: Bytes[] = [];
  let name = "";
  let extent = 4096;
  fields(b, (field, wire) => {
    if (field === 5 && wire === 0) extent = b.varint();
    else if (wire !== 2) return false;
    else if (field === 1) name = b.part().text();
    else if (field === 2) features.push(b.part());
    else if (field === 3) keys.push(b.part().text());
    else if (field === 4) values.push(b.part());
    else return false;
    return true;
  });
  if (!to.layer(name)) return;
  if (extent < 1) bad("a layer has no size");
  left.features -= features.length;
  if (left.features < 0) bad("it has too many features");
  const wanted = keys.map((k) => to.prop(k));
  const known: Props[string][] = [];
  const value = (n: number): Props[string] => {
    const at = values[n];
    if (!at) return bad("a property has no value");
    if (!(n in known)) known[n] = readValue(at);
    return known[n];
  };
  for (const f of features) readFeature(f, name, size / extent, to, left, keys, wanted, value);
}

function readValue(b: Bytes): Props[string] {
  let out: Props[string];
  fields(b, (field, wire) => {
    if (field === 1 && wire === 2) out = b.part().text();
    else if (field === 2 && wire === 5) out = b.float(4);
    else if (field === 3 && wire === 1) out = b.float(8);
    else if ((field === 4 || field === 5) && wire === 0) out = b.varint();
    else if (field === 6 && wire === 0) out = signed(b.varint());
    else if (field === 7 && wire === 0) out = b.varint() > 0;
    else return false;
    return true;
  });
  return out;
}

function readFeature(b: Bytes, layer: string, scale: number, to: Taker, left: Left, keys: string[], wanted: boolean[], value: (n: number) => Props[string]): void {
  const props = Object.create(null) as Props;
  let type = 0;
  let drawn: Bytes | undefined;
  fields(b, (field, wire) => {
    if (field === 2 && wire === 2) {
      for (const tags = b.part(); tags.more; ) {
        const k = tags.varint();
        const v = tags.varint();
        if (wanted[k]) props[keys[k]!] = value(v);
      }
    } else if (field === 3 && wire === 0) type = b.varint();
    else if (field === 4 && wire === 2) drawn = b.part();
    else return false;
    return true;
  });
  if (!drawn || type < Geometry.Points || type > Geometry.Polygons) return;
  const from = drawn;
  to.take(layer, type, props, () => readParts(from, type, scale, left));
}

/** Reads commands (§4.3): move to, line to, close. */
function readParts(b: Bytes, type: Geometry, scale: number, left: Left): Part[] {
  const parts: Part[] = [];
  let part: Part = [];
  let x = 0;
  let y = 0;
  while (b.more) {
    const command = b.varint();
    const what = command % 8;
    const count = (command - what) / 8;
    if (what === 7) {
      if (count !== 1) bad("an outline is closed more than once");
      if (part.length) part.push(part[0]!);
      continue;
    }
    if (what !== 1 && what !== 2) bad("a shape is drawn in no known way");
    left.points -= count;
    if (left.points < 0) bad("it has too many points");
    for (let i = 0; i < count; i++) {
      x += signed(b.varint());
      y += signed(b.varint());
      if (what === 1 && (type !== Geometry.Points || i === 0)) parts.push((part = []));
      part.push(new Point(x * scale, y * scale));
    }
  }
  return parts.filter((p) => p.length >= type);
}
