import assert from "node:assert/strict";
import { test } from "node:test";
import { paced } from "../../static/js/pace.js";

test("work is done at once, then at most every so often, and once more where it was asked for meanwhile", () => {
  let done = 0;
  const timers = [];
  const ask = paced(() => (done += 1), 300, (act) => timers.push(act));
  ask();
  ask();
  ask();
  assert.deepEqual([done, timers.length], [1, 1]);
  timers.shift()();
  assert.equal(done, 2);
  timers.shift()();
  assert.deepEqual([done, timers.length], [2, 0]);
  ask();
  assert.equal(done, 3);
});
