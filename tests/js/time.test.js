import assert from "node:assert/strict";
import { test } from "node:test";
import { decimalsOf, formatClock, segmentIndexAt, spanOf, ticks, timeOfX, songLength, xOfTime } from "../../static/js/time.js";

test("a clock reads minutes and seconds, and hours where there are any", () => {
  assert.deepEqual([0, 9.99, 65, 599.9, 3725].map((t) => formatClock(t)), ["0:00", "0:09", "1:05", "9:59", "1:02:05"]);
  assert.equal(formatClock(NaN), "–:––");
});

test("a moment belongs to the second that holds it, borders to the later one", () => {
  assert.deepEqual([0, 0.999, 1, 41.5].map((t) => segmentIndexAt(t, 60, 1)), [0, 0, 1, 41]);
  assert.equal(segmentIndexAt(41.5, null, 1), 41);
});

test("the very end belongs to the last segment, whole or not", () => {
  assert.equal(segmentIndexAt(10, 10, 1), 9);
  assert.equal(segmentIndexAt(10.3, 10.3, 1), 10);
  assert.equal(segmentIndexAt(10.9, 10.3, 1), 10);
  assert.equal(segmentIndexAt(0, 0.4, 1), 0);
});

test("time to place and back is the same time, and stays inside the view", () => {
  const view = { start_s: 20, end_s: 50 };
  for (const t of [20, 27.25, 50]) assert.ok(Math.abs(timeOfX(view, 731, xOfTime(view, 731, t)) - t) < 1e-9);
  assert.equal(timeOfX(view, 731, -5), 20);
  assert.equal(timeOfX(view, 731, 900), 50);
});

test("segments tile the picture without gap or overlap", () => {
  const view = { start_s: 0, end_s: 137 };
  let right = 0;
  for (let i = 0; i < 137; i += 1) {
    const [x0, x1] = spanOf(view, 911, i, i + 1);
    assert.equal(x0, right);
    right = x1;
  }
  assert.equal(right, 911);
});

test("a stretch narrower than a pixel still gets one", () => {
  const [x0, x1] = spanOf({ start_s: 0, end_s: 5000 }, 300, 100, 101);
  assert.equal(x1 - x0, 1);
});

test("ticks are round, keep their distance and their words fit", () => {
  const view = { start_s: 0, end_s: 166 };
  const times = ticks(view, 930, 64);
  assert.deepEqual(times.slice(0, 3), [0, 15, 30]);
  assert.ok(xOfTime(view, 930, times.at(-1)) < 930 - 40);
  assert.deepEqual(ticks({ start_s: 12.5, end_s: 24 }, 930, 64), [13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
});

test("close by, ticks come between the seconds and say so", () => {
  const times = ticks({ start_s: 61.9, end_s: 66 }, 930, 64);
  assert.deepEqual(times.slice(0, 4), [62, 62.5, 63, 63.5]);
  assert.deepEqual(times.slice(0, 2).map((t) => formatClock(t, decimalsOf(times))), ["1:02.0", "1:02.5"]);
  assert.equal(decimalsOf(ticks({ start_s: 0, end_s: 60 }, 930, 64)), 0);
});

test("tenths that binary fractions cannot hold are still round", () => {
  const words = ticks({ start_s: 0, end_s: 2 }, 1400, 64).map((t) => formatClock(t, 1));
  assert.deepEqual(words, Array.from({ length: words.length }, (_, i) => `0:0${Math.floor(i / 10)}.${i % 10}`));
});

test("the length follows an estimate only where it is clearly off, and the truth always", () => {
  assert.equal(songLength(100, { duration_s: null, estimate_s: 102, known_s: 10 }), 100);
  assert.equal(songLength(100, { duration_s: null, estimate_s: 140, known_s: 10 }), 140);
  assert.equal(songLength(100, { duration_s: null, estimate_s: 100, known_s: 101 }), 101);
  assert.equal(songLength(100, { duration_s: 99.4, estimate_s: 140, known_s: 101 }), 99.4);
  assert.equal(songLength(1, { duration_s: null, estimate_s: null, known_s: 0 }), 1);
});
