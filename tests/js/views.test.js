import assert from "node:assert/strict";
import { test } from "node:test";
import { draggedView } from "../../static/js/views/overview.js";
import { formatHz, rowAt } from "../../static/js/views/readout.js";

test("the overview's window is moved, pulled at its ends, or opened anew", () => {
  const view = { start_s: 20, end_s: 40 };
  const drag = (part, grabbed_s, at_s) => draggedView(part, view, grabbed_s, at_s, 100);
  assert.deepEqual(drag("middle", 30, 50), { start_s: 40, end_s: 60 });
  assert.deepEqual(drag("middle", 30, 999), { start_s: 80, end_s: 100 });
  assert.deepEqual(drag("start", 20, 10), { start_s: 10, end_s: 40 });
  assert.deepEqual(drag("end", 40, 10), { start_s: 10, end_s: 20 });
  assert.deepEqual(drag("outside", 80, 60), { start_s: 60, end_s: 80 });
});

test("the readout finds the row, and writes frequencies as one says them", () => {
  const rows = [{ top_px: 10, height_px: 20 }, { top_px: 40, height_px: 20 }];
  assert.deepEqual([5, 10, 29, 35, 40].map((y) => rowAt(rows, y)), [-1, 0, 0, -1, 1]);
  assert.deepEqual([61.7, 999, 2440].map(formatHz), ["62 Hz", "999 Hz", "2.4 kHz"]);
});
