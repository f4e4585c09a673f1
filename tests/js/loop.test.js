import assert from "node:assert/strict";
import { test } from "node:test";
import { loopBetween, withEnd, wrapOf } from "../../static/js/loop.js";

const LOOP = { start_s: 10, end_s: 14 };

test("playing past the end leads back to the start; being beyond it does not", () => {
  assert.equal(wrapOf(13.99, 14.01, LOOP), 10);
  assert.equal(wrapOf(12, 13, LOOP), null);
  assert.equal(wrapOf(20, 20.1, LOOP), null);
  assert.equal(wrapOf(13.99, 14.01, null), null);
});

test("a loop is inside the song and long enough to be heard, whichever way it was drawn", () => {
  assert.deepEqual(loopBetween(14, 10, 60), LOOP);
  assert.deepEqual(loopBetween(-3, 2, 60), { start_s: 0, end_s: 2 });
  const short = loopBetween(60, 60, 60);
  assert.equal(short.end_s, 60);
  assert.ok(Math.abs(short.end_s - short.start_s - 0.2) < 1e-9);
});

test("an end is moved inside the song, and not past the other", () => {
  assert.deepEqual(withEnd(LOOP, "start_s", 12, 60), { start_s: 12, end_s: 14 });
  assert.deepEqual(withEnd(LOOP, "end_s", 99, 60), { start_s: 10, end_s: 60 });
  assert.deepEqual(withEnd(LOOP, "end_s", 3, 60), { start_s: 10, end_s: 10.2 });
  assert.deepEqual(withEnd(LOOP, "start_s", 30, 60), { start_s: 13.8, end_s: 14 });
});
