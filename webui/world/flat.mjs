// Lays rings that go round the earth on a map, which ends at 180° east and west.

// flat is a ring, a list of [longitude, latitude], as rings of which none goes over the
// edge of the map. One that goes round a pole takes the pole in.
export function flat(ring) {
  const walked = unrolled(ring);
  const [first, last] = [walked[0], walked.at(-1)];
  if (Math.abs(last[0] - first[0]) > 180) {
    const pole = first[1] < 0 ? -90 : 90;
    walked.push([last[0], pole], [first[0], pole], [...first]);
  }
  const out = [];
  for (const turn of [-360, 0, 360]) {
    const moved = walked.map(([x, y]) => [x + turn, y]);
    const kept = side(side(moved, -180, 1), 180, -1);
    if (kept.length >= 4) out.push(kept);
  }
  return out;
}

// unrolled has no step of more than half the earth: its longitudes may go beyond 180.
function unrolled(ring) {
  let turn = 0;
  return ring.map(([x, y], i) => {
    if (i > 0) turn -= 360 * Math.round((x - ring[i - 1][0]) / 360);
    return [x + turn, y];
  });
}

// side is what of a ring lies east (1) or west (-1) of a meridian.
function side(ring, meridian, sign) {
  const inside = ([x]) => (x - meridian) * sign >= 0;
  if (ring.every(inside)) return ring;
  const out = [];
  for (let i = 1; i < ring.length; i++) {
    const [a, b] = [ring[i - 1], ring[i]];
    if (inside(a)) out.push(a);
    if (inside(a) !== inside(b)) out.push([meridian, a[1] + ((b[1] - a[1]) * (meridian - a[0])) / (b[0] - a[0])]);
  }
  if (out.length > 0) out.push([...out[0]]);
  return out;
}
