import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { scoreTexts } from "../../static/js/views/about.js";

const SOLO = { clips: 908, top1: 0.479, top1_interval: [0.364, 0.603], commonest_top1: 0.143 };

test("scores are told with their uncertainty and beside mere guessing", () => {
  const [solo, mixes] = scoreTexts({ solo_test_recordings: SOLO, test_mixes: { map: 0.533, f1_micro: 0.48 } });
  assert.match(solo, /908 recordings.* 48% named right .*between 36% and 60%.* 14%/);
  assert.match(mixes, /precision 53%.* 48%/);
});

test("the default model's own scores are found", () => {
  const metrics = JSON.parse(readFileSync(new URL("../../models/default/metrics.json", import.meta.url), "utf8"));
  assert.equal(scoreTexts(metrics).length, 3);
});

test("a model without scores is not praised", () => {
  for (const metrics of [null, {}]) assert.match(scoreTexts(metrics)[0], /without scores/);
});
