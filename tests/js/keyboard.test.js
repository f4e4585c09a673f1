import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf } from "../../static/js/keyboard.js";

test("keys move by 5 seconds, by a segment with shift, by a tenth by page", () => {
  const action = (key, shiftKey = false) => actionOf({ key, shiftKey }, { duration_s: 200, segment_s: 1 });
  assert.deepEqual(action(" "), { toggle: true });
  assert.deepEqual(action("ArrowRight"), { leap_s: 5 });
  assert.deepEqual(action("ArrowLeft", true), { leap_s: -1 });
  assert.deepEqual(action("PageUp"), { leap_s: 20 });
  assert.deepEqual(action("End"), { seek_s: 200 });
  assert.equal(action("x"), null);
});
