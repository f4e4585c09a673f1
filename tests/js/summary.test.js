import assert from "node:assert/strict";
import { test } from "node:test";
import { intervalsOf, summaryOf } from "../../static/js/summary.js";

const LABELS = [{ id: "violin" }, { id: "drum_kit" }];
/** A second with what the model said and what counts as heard. */
const row = (start_s, raw, heard, end_s = start_s + 1) => ({ start_s, end_s, raw, probabilities: [1, 1], heard });
const SONG = [
  row(0, [0.9, 0.0], [true, false]),
  row(1, [0.75, 1.0], [true, true]),
  row(2, [0.1, 0.5], [false, true]),
  row(3, [0.6, 0.1], [true, false], 3.25),
];

test("entries are stretches of being heard, with the mean of what the model said", () => {
  assert.deepEqual(
    intervalsOf(SONG, LABELS).map(({ label, ...rest }) => [label.id, ...Object.values(rest)]),
    [
      ["violin", 0, 2, 0.825],
      ["drum_kit", 1, 3, 0.75],
      ["violin", 3, 3.25, 0.6],
    ],
  );
});

test("a second that is not tagged yet ends an entry", () => {
  const holed = [SONG[0], undefined, { ...SONG[0], start_s: 2, end_s: 3 }];
  assert.deepEqual(intervalsOf(holed, LABELS).map((one) => one.start_s), [0, 2]);
});

test("shares are of what is tagged, also where the last second is short", () => {
  const [violin, drums] = summaryOf(SONG, LABELS);
  assert.deepEqual(violin, { label: LABELS[0], heard_s: 2.25, share: 2.25 / 3.25, first_s: 0, entries: 2 });
  assert.deepEqual([drums.share, drums.first_s, drums.entries], [2 / 3.25, 1, 1]);
});

test("what is never heard has no first time, and an empty song no shares", () => {
  assert.deepEqual(summaryOf([], LABELS)[0], { label: LABELS[0], heard_s: 0, share: 0, first_s: null, entries: 0 });
});
