// Writes PMTiles version 3 (protomaps/PMTiles, spec/v3/spec.md): all directories in one,
// the same tile only once, everything packed with gzip.
import { createHash } from "node:crypto";
import { gzipSync } from "fflate"; // in JavaScript, so that every machine packs alike

const headerSize = 127;
const rootEnd = 16384; // by which the root directory ends
const gzip = 2;
const vectorTiles = 1;

const pack = (bytes) => gzipSync(bytes, { level: 9, mtime: 0 });

// number is a tile's place on the Hilbert curves of all zooms, one after the other.
function number(z, x, y) {
  let id = (4 ** z - 1) / 3;
  for (let side = 2 ** z / 2; side >= 1; side /= 2) {
    const right = (x & side) > 0 ? 1 : 0;
    const low = (y & side) > 0 ? 1 : 0;
    id += side * side * ((3 * right) ^ low);
    if (low === 0) {
      if (right === 1) {
        x = side - 1 - (x & (side - 1));
        y = side - 1 - (y & (side - 1));
      }
      [x, y] = [y, x];
    }
  }
  return id;
}

function varint(to, n) {
  for (; n > 127; n = Math.floor(n / 128)) to.push((n % 128) | 128);
  to.push(n);
}

// directory lists entries: id, run, length, offset of each, one after the other.
function directory(entries) {
  const out = [];
  varint(out, entries.length);
  let last = 0;
  for (const e of entries) {
    varint(out, e.id - last);
    last = e.id;
  }
  for (const e of entries) varint(out, e.run);
  for (const e of entries) varint(out, e.length);
  entries.forEach((e, i) => {
    const before = entries[i - 1];
    varint(out, before && e.offset === before.offset + before.length ? 0 : e.offset + 1);
  });
  return pack(Uint8Array.from(out));
}

// archive is the file that has tiles of the whole earth ({z, x, y, data}), and says of
// itself what metadata says.
export function archive(tiles, metadata) {
  const sorted = tiles.map((t) => ({ ...t, id: number(t.z, t.x, t.y) })).sort((a, b) => a.id - b.id);
  const known = new Map(); // data that is written, by its hash
  const entries = [];
  const parts = [];
  let size = 0;
  for (const t of sorted) {
    const hash = createHash("sha256").update(t.data).digest("hex");
    let at = known.get(hash);
    if (!at) {
      const packed = pack(t.data);
      at = { offset: size, length: packed.length };
      known.set(hash, at);
      parts.push(packed);
      size += packed.length;
    }
    const last = entries.at(-1);
    if (last && last.offset === at.offset && last.id + last.run === t.id) last.run++;
    else entries.push({ id: t.id, run: 1, ...at });
  }
  const root = directory(entries);
  if (headerSize + root.length > rootEnd) throw new Error(`the directory has ${root.length} bytes, and must end by byte ${rootEnd} of the file`);
  const about = pack(new TextEncoder().encode(JSON.stringify(metadata)));

  const head = new DataView(new ArrayBuffer(headerSize));
  new TextEncoder().encodeInto("PMTiles", new Uint8Array(head.buffer));
  head.setUint8(7, 3);
  let offset = headerSize;
  [root.length, about.length, 0, size].forEach((length, i) => {
    head.setBigUint64(8 + 16 * i, BigInt(offset), true);
    head.setBigUint64(16 + 16 * i, BigInt(length), true);
    offset += length;
  });
  [sorted.length, entries.length, known.size].forEach((n, i) => head.setBigUint64(72 + 8 * i, BigInt(n), true));
  const zooms = sorted.map((t) => t.z);
  [1, gzip, gzip, vectorTiles, Math.min(...zooms), Math.max(...zooms)].forEach((b, i) => head.setUint8(96 + i, b));
  [-180, -85.0511287, 180, 85.0511287].forEach((degrees, i) => head.setInt32(102 + 4 * i, Math.round(degrees * 1e7), true));
  return Buffer.concat([new Uint8Array(head.buffer), root, about, ...parts]);
}
