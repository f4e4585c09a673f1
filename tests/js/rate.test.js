import assert from "node:assert/strict";
import { test } from "node:test";
import { createTimeLeft, roughly_s } from "../../static/js/rate.js";

test("the time left follows from the bytes of the last seconds", () => {
  let now_ms = 0;
  const timeLeft_s = createTimeLeft(() => now_ms);
  const at = (seconds, bytes) => ((now_ms = 1000 * seconds), timeLeft_s(bytes, 1000));
  assert.equal(at(0, 0), null);
  assert.equal(at(0.5, 50), null);
  assert.equal(at(2, 200), 8); // 100 bytes a second, 800 to go
  for (let s = 3; s <= 30; s += 1) at(s, 200 + 10 * (s - 2)); // the line became ten times slower
  assert.equal(at(31, 490), 51);
});

test("a line that has stopped makes no promise", () => {
  let now_ms = 0;
  const timeLeft_s = createTimeLeft(() => now_ms);
  timeLeft_s(500, 1000);
  now_ms = 5000;
  assert.equal(timeLeft_s(500, 1000), null);
});

test("times are told as roughly as they are known", () => {
  assert.deepEqual([0.2, 3.1, 12, 58, 61, 130].map(roughly_s), [1, 4, 15, 60, 120, 180]);
});
