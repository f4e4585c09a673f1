import assert from "node:assert/strict";
import { test } from "node:test";
import { frequencyTicks, heightOf, hzAt, hzToMel } from "../../static/js/mel.js";

test("the mel scale is librosa's (hz_to_mel, Slaney)", () => {
  const reference = [[0, 0], [500, 7.5], [1000, 15], [4000, 35.163760314616646], [16000, 55.32752062923329]];
  for (const [hz, mel] of reference) assert.ok(Math.abs(hzToMel(hz) - mel) < 1e-9);
  for (const [hz] of reference) assert.ok(Math.abs(hzAt(heightOf(hz, { f_max_hz: 16000 }), { f_max_hz: 16000 }) - hz) < 1e-6);
  assert.equal(heightOf(16000, { f_min_hz: 0, f_max_hz: 16000 }), 1);
  assert.deepEqual(frequencyTicks({ f_min_hz: 0, f_max_hz: 8000 }).map((t) => t.label), ["500", "1k", "2k", "4k"]);
});
