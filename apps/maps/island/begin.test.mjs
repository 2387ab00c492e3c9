// Where the map begins.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dice, load } from "./load.mjs";

const { begin, given } = await load("begin", "given");
const box = { left: 0, top: 0, right: 320, bottom: 320 };
const corner = { left: 268, top: 8, right: 312, bottom: 112 };
const near = 22; // what a sign takes to each side

const under = (s) => s.x > corner.left - near && s.y < corner.bottom + near;
const on = (s) => s.x >= near && s.y >= near && s.x <= box.right - near && s.y <= box.bottom - near;

test("what is to be seen goes out from under the buttons, and stays on the map", () => {
  const roll = dice(3);
  let moved = 0;
  for (let i = 0; i < 2000; i++) {
    const spots = Array.from({ length: 1 + roll(5) }, () => ({ x: near + roll(320 - 2 * near), y: near + roll(320 - 2 * near) }));
    const by = begin.clear(spots, corner, box);
    if (!spots.some(under)) assert.deepEqual(by, { x: 0, y: 0 });
    if (!by || (by.x === 0 && by.y === 0)) continue;
    const { x, y } = by;
    moved++;
    const after = spots.map((s) => ({ x: s.x + x, y: s.y + y }));
    assert.ok(after.every(on) && !after.some(under), JSON.stringify({ spots, x, y }));
  }
  assert.ok(moved > 200, String(moved));
});

test("buttons at the other side, of who reads from right to left, are gone round as well", () => {
  const left = { ...corner, left: 8, right: 52 };
  assert.deepEqual(begin.clear([{ x: 30, y: 30 }], left, box), { x: 44, y: 0 });
  assert.deepEqual(begin.clear([{ x: 30, y: 30 }, { x: 290, y: 100 }], left, box), { x: 0, y: 104 });
  assert.deepEqual(begin.clear([{ x: 30, y: 30 }, { x: 290, y: 290 }], left, box), null);
});

test("what is at the rim may go, and does not keep the rest under the buttons", () => {
  assert.deepEqual(begin.clear([{ x: 290, y: 30 }, { x: 5, y: 200 }], corner, box), { x: -44, y: 0 });
});

test("a part of the earth is read as the page says it", () => {
  assert.deepEqual(given.fitOf("44.4,-73.3,44.5,-73.1"), [44.4, -73.3, 44.5, -73.1]);
  for (const wrong of ["", "44.4,-73.3", "44.4,-73.3,44.5,x", "91,0,92,0", "1,2,3,4,5"]) assert.equal(given.fitOf(wrong), null, wrong);
});
