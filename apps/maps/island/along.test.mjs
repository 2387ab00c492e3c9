// Names along streets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dice, load } from "./load.mjs";

const { along } = await load("along");

class P {
  constructor(x, y) {
    Object.assign(this, { x, y });
  }
  dist = (o) => Math.hypot(o.x - this.x, o.y - this.y);
}
const line = (...at) => at.map(([x, y]) => new P(x, y));
const flat = (l) => l.map(({ x, y }) => [x, y]);
const long = (l) => l.reduce((n, p, i) => (i ? n + p.dist(l[i - 1]) : 0), 0);

/** Sets a name along lines with letters of 6 pixels. */
function laid(text, ...lines) {
  const drawn = [];
  const scratch = { measureText: (s) => ({ width: 6 * s.length }) };
  const labels = new along.Along({ size: 10, family: "x", fill: "", halo: "" }).place({ scratch }, lines, { props: { text } });
  for (const l of labels) {
    let at;
    l.draw({ save() {}, restore() {}, translate: (x, y) => (at = [l.anchor.x + x, l.anchor.y + y]), rotate: (a) => at.push(a), strokeText() {}, fillText: (s) => drawn.push([s, ...at]) });
  }
  return { labels, drawn };
}

test("pieces of a street are one, whichever way they are drawn", () => {
  const all = along.joined([line([0, 0], [10, 0]), line([20, 1], [10, 0]), line([20, 1], [30, 0]), line([100, 100], [110, 100])]);
  assert.deepEqual(all.map(long).map(Math.round), [30, 10]);
});

test("a street that turns sharply is another piece, and the straightest way is taken", () => {
  assert.equal(along.joined([line([0, 0], [10, 0]), line([10, 0], [10, 10])]).length, 2);
  const [first, second] = along.joined([line([0, 0], [10, 0]), line([10, 0], [20, 7]), line([10, 0], [20, 1])]);
  assert.deepEqual(flat(first), [[20, 1], [10, 0], [0, 0]]);
  assert.deepEqual(flat(second), [[20, 7], [10, 0]]);
});

test("nothing of a street is lost, and joining ends", () => {
  const roll = dice(5);
  for (let i = 0; i < 200; i++) {
    const all = Array.from({ length: roll(30) }, () => line(...Array.from({ length: 2 + roll(3) }, () => [roll(6) * 10, roll(6) * 10])));
    const out = along.joined(all);
    const sum = (lines) => Math.round(lines.reduce((n, l) => n + long(l), 0));
    assert.equal(sum(out), sum(all));
  }
});

test("a name stands upright along its street, letter after letter", () => {
  for (const l of [line([0, 0], [100, 0]), line([100, 0], [0, 0])]) {
    const { labels, drawn } = laid("Elm St", l);
    assert.equal(labels.length, 1);
    assert.equal(drawn.map((d) => d[0]).join(""), "Elm St");
    assert.ok(drawn.every(([, , y, angle]) => Math.abs(y) < 1e-9 && Math.abs(angle) < 1e-9));
    drawn.forEach(([, x], i) => i && assert.ok(Math.abs(x - drawn[i - 1][1] - 6) < 1e-9));
    assert.equal(labels[0].deduplicationKey, "Elm St");
  }
});

test("a name follows a bend, and stands on no sharp corner", () => {
  const bend = line(...Array.from({ length: 20 }, (_, i) => [60 * Math.cos((i * Math.PI) / 38), 60 * Math.sin((i * Math.PI) / 38)]));
  const { drawn } = laid("Mill Road", bend);
  assert.equal(drawn.length, 9);
  const angles = drawn.map((d) => d[3]);
  assert.ok(Math.abs(angles[8] - angles[0]) > 0.5, `${angles}`);
  assert.equal(laid("Mill Road", line([0, 0], [35, 0], [0, 3])).labels.length, 0);
});

test("a name without room is not put", () => assert.equal(laid("A long name", line([0, 0], [60, 0])).labels.length, 0));

test("letters that belong together stay together, on straight streets", () => {
  assert.deepEqual(laid("شارع الطاحونة", line([0, 0], [200, 0])).drawn.map((d) => d[0]), ["شارع الطاحونة"]);
  const bend = line(...Array.from({ length: 20 }, (_, i) => [40 * Math.cos((i * Math.PI) / 19), 40 * Math.sin((i * Math.PI) / 19)]));
  assert.equal(laid("شارع الطاحونة", bend).labels.length, 0);
});

test("a name comes again on a long street, in bounds", () => {
  assert.deepEqual(along.starts(50, 60), []);
  const all = along.starts(10_000, 60);
  assert.ok(all.length > 3 && all.length <= 41);
  assert.ok(all.every((s) => s >= 0 && s + 60 <= 10_000));
  assert.equal(along.smooth(line([0, 0], [5, 0.1], [10, 0])).length < 12, true);
});
