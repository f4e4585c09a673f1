import assert from "node:assert/strict";
import { test } from "node:test";
import { headlineLabels, OWN_THRESHOLDS, soundingLabels, thresholdOf, withOwn } from "../../static/js/threshold.js";

const LABELS = [{ id: "a", threshold: 0.3 }, { id: "b", threshold: 0.6 }];
const thresholdsOf = (chosen) => LABELS.map((label) => thresholdOf(label, chosen));

test("the one chosen for a label goes before the one for all, and that before the model's", () => {
  assert.deepEqual(thresholdsOf(OWN_THRESHOLDS), [0.3, 0.6]);
  assert.deepEqual(thresholdsOf({ all: 0.4, own: {} }), [0.4, 0.4]);
  assert.deepEqual(thresholdsOf({ all: 0.4, own: { b: 0 } }), [0.4, 0]);
});

test("a label's own is set and taken back without touching the others", () => {
  const chosen = withOwn(withOwn({ all: 0.4, own: {} }, "a", 0.1), "b", 0.2);
  assert.deepEqual(chosen, { all: 0.4, own: { a: 0.1, b: 0.2 } });
  assert.deepEqual(withOwn(chosen, "a", null), { all: 0.4, own: { b: 0.2 } });
});

test("the labels heard come in their own order", () => {
  assert.deepEqual(soundingLabels(LABELS, { heard: [true, true] }).map(({ id }) => id), ["a", "b"]);
  assert.deepEqual(soundingLabels(LABELS, { heard: [false, true] }).map(({ id }) => id), ["b"]);
});

test("where the drum kit is heard its pieces go without saying", () => {
  const labels = [{ id: "kick_drum", piece_of: "drum_kit" }, { id: "drum_kit", piece_of: null }, { id: "piano", piece_of: null }];
  const named = (heard) => headlineLabels(labels, { heard }).map(({ id }) => id);
  assert.deepEqual(named([true, true, true]), ["drum_kit", "piano"]);
  assert.deepEqual(named([true, false, true]), ["kick_drum", "piano"]);
});
