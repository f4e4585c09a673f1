import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder, rangeToCorrect, withCorrection } from "../../static/js/corrections.js";
import { segment } from "./helpers.js";

const at = (time_s, more = {}) => ({
  time_s,
  song: { duration_s: 2.5 },
  config: null,
  loop: null,
  segments: [segment(0), segment(1), { ...segment(2), end_s: 2.5 }],
  ...more,
});

test("the second being heard is what a correction is about, the last one as long as it is", () => {
  assert.deepEqual(rangeToCorrect(at(1.2)), { start_s: 1, end_s: 2 });
  assert.deepEqual(rangeToCorrect(at(2.5)), { start_s: 2, end_s: 2.5 });
});

test("a loop goes before it, as far as it is tagged", () => {
  const loop = { start_s: 0.5, end_s: 1.75 };
  assert.deepEqual(rangeToCorrect(at(2.2, { loop })), loop);
  assert.deepEqual(rangeToCorrect(at(0, { loop: { start_s: 2, end_s: 9 } })), { start_s: 2, end_s: 2.5 });
});

test("where nothing is tagged, nothing can be corrected", () => {
  assert.equal(rangeToCorrect(at(0, { segments: [] })), null);
  assert.equal(rangeToCorrect(at(0, { loop: { start_s: 3, end_s: 4 } })), null);
});

const said = (id, start_s, label, verdict = "wrong") => ({ id, start_s, end_s: start_s + 1, label, verdict });

test("another word on the same range and instrument takes the place of the former", () => {
  const both = [said(1, 0, "flute"), said(2, 0, "piano")];
  assert.deepEqual(withCorrection(both, said(3, 0, "flute", "missing")), [both[1], said(3, 0, "flute", "missing")]);
  assert.equal(withCorrection(both, said(3, 1, "flute")).length, 3);
});

test("they are listed as they stand in the song", () => {
  const ids = inOrder([said(3, 5, "a"), said(2, 1, "b"), said(1, 5, "c")]).map(({ id }) => id);
  assert.deepEqual(ids, [2, 1, 3]);
});
