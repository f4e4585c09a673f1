import assert from "node:assert/strict";
import { test } from "node:test";
import { changedIndices, currentIndex, currentSegment, withSegments } from "../../static/js/state.js";
import { segment } from "./helpers.js";

test("rows find their place by index, whatever the order of arrival", () => {
  let rows = withSegments([], [segment(3), segment(1)]);
  rows = withSegments(rows, [segment(0), segment(2)]);
  assert.deepEqual(rows.map((row) => row.index), [0, 1, 2, 3]);
});

test("a row that comes twice keeps what either knew", () => {
  const rows = withSegments([segment(0, [0.5], { picture: "jpeg" })], [segment(0, [0.5], { peaks: [1] })]);
  assert.deepEqual([rows.length, rows[0].picture, rows[0].peaks], [1, "jpeg", [1]]);
});

test("only rows that are new or other are drawn again", () => {
  const before = withSegments([], [segment(0), segment(1)]);
  assert.deepEqual(changedIndices(before, withSegments(before, [segment(1), segment(4)])), [1, 4]);
});

test("what is current follows the time, not the last arrival", () => {
  const state = { time_s: 1.7, song: null, config: null, segments: withSegments([], [segment(0), segment(9)]) };
  assert.equal(currentIndex(state), 1);
  assert.equal(currentSegment(state), undefined);
  assert.equal(currentSegment({ ...state, segments: withSegments(state.segments, [segment(1, [0.9])]) }).probabilities[0], 0.9);
});
