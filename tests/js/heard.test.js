import assert from "node:assert/strict";
import { test } from "node:test";
import { displayed, heardAnywhere, rulesOf, withRaw, withoutShortRuns } from "../../static/js/heard.js";
import { segment } from "./helpers.js";

const PLAIN = { thresholds: [0.5], reach: 0, shortest: 1 };
const rowsOf = (...values) => values.map((p, i) => (p === null ? undefined : withRaw(segment(i, [p]))));
const show = (rows, rules) => displayed(rows, [0, rows.length], rules);
const probabilitiesOf = (shown) => shown.map((one) => one && Number(one.probabilities[0].toFixed(4)));
const heardOf = (shown) => shown.map((one) => one && one.heard[0]);

test("without a wish the model's own numbers are shown, and count from the threshold on", () => {
  const shown = show(rowsOf(0.2, 0.5, 0.9), PLAIN);
  assert.deepEqual(probabilitiesOf(shown), [0.2, 0.5, 0.9]);
  assert.deepEqual(heardOf(shown), [false, true, true]);
});

test("what is heard anywhere is found, holes or not", () => {
  const rows = [undefined, ...[[false, true, false], [false, true, true]].map((heard) => ({ heard }))];
  assert.deepEqual(heardAnywhere(rows, ["a", "b", "c"]), [false, true, true]);
  assert.deepEqual(heardAnywhere([], ["a"]), [false]);
});

test("an average is over the neighbours that are there, by hand", () => {
  const shown = show(rowsOf(0.9, 0.3, 0.6, null, 0.3), { ...PLAIN, reach: 1 });
  // (0.9+0.3)/2, (0.9+0.3+0.6)/3, (0.3+0.6)/2, a hole, and 0.3 alone
  assert.deepEqual(probabilitiesOf(shown), [0.6, 0.6, 0.45, undefined, 0.3]);
  assert.deepEqual(heardOf(shown), [true, true, false, undefined, false]);
  assert.deepEqual(shown[0].raw, [0.9]);
});

test("what is shorter than asked for is left out, also at the ends and beside a hole", () => {
  const shown = show(rowsOf(0.9, 0.1, 0.9, 0.9, 0.1, 0.9, null, 0.9), { ...PLAIN, shortest: 2 });
  assert.deepEqual(heardOf(shown), [false, false, true, true, false, false, undefined, false]);
  assert.deepEqual(probabilitiesOf(shown)[0], 0.9);
});

test("runs as long as asked for stay, whatever comes between them", () => {
  const flags = [..."110111011110"].map((c) => c === "1");
  assert.equal(withoutShortRuns(flags, 3).map(Number).join(""), "000111011110");
  assert.deepEqual(withoutShortRuns(flags, 1), flags);
});

test("one more row changes what it can reach, as if all had been worked out anew, and no other object", () => {
  const rules = { thresholds: [0.4], reach: 1, shortest: 3 };
  const values = Array.from({ length: 40 }, (_, i) => (i * 0.37) % 1);
  for (const late of [0, 7, 20, 39]) {
    const whole = rowsOf(...values);
    const before = whole.slice();
    before[late] = undefined;
    const shownBefore = show(before, rules);
    const merged = shownBefore.slice();
    merged[late] = whole[late];
    const shown = displayed(merged, [late, late + 1], rules);
    const anew = show(whole, rules);
    assert.deepEqual([probabilitiesOf(shown), heardOf(shown)], [probabilitiesOf(anew), heardOf(anew)]);
    const changed = shown.flatMap((one, i) => (one === shownBefore[i] ? [] : [i]));
    assert.ok(changed.every((i) => Math.abs(i - late) <= rules.reach + rules.shortest), String(changed));
  }
});

test("wishes in seconds become segments", () => {
  const labels = [{ id: "a", threshold: 0.3 }, { id: "b", threshold: 0.6 }];
  const state = { labels, threshold: { all: 0.5, own: { b: 0.7 } }, smoothing: { average_s: 5, shortest_s: 2 } };
  assert.deepEqual(rulesOf(state, 1), { thresholds: [0.5, 0.7], reach: 2, shortest: 2 });
  assert.deepEqual(rulesOf({ ...state, smoothing: { average_s: 1, shortest_s: 1 } }, 1).reach, 0);
});
