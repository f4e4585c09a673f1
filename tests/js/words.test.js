import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatDuration, listText, positionText } from "../../static/js/words.js";

test("sizes, lengths and lists read well", () => {
  assert.deepEqual([200, 160_000, 4_210_000, 100_000_000].map(formatBytes), ["1 kB", "0.2 MB", "4.2 MB", "100 MB"]);
  assert.deepEqual([1, 75, 5400, 86400].map(formatDuration), ["1 second", "1 minute 15 seconds", "1 hour 30 minutes", "24 hours"]);
  assert.equal(positionText(30.9, 120), "30 seconds of 2 minutes");
  assert.deepEqual([["A"], ["A", "B"], ["A", "B", "C"]].map(listText), ["A", "A and B", "A, B and C"]);
});
