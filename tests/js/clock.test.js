import assert from "node:assert/strict";
import { test } from "node:test";
import { createClock } from "../../static/js/clock.js";
import { FakeAudio } from "./helpers.js";

test("the clock ticks every frame while playing, and at rest only when something moves", () => {
  const audio = new FakeAudio();
  const frames = [];
  const ticks = [];
  createClock(audio, () => audio.currentTime, (t) => ticks.push(t), (f) => frames.push(f));
  audio.fire("seeked");
  audio.play();
  audio.play();
  for (const t of [0.1, 0.2]) {
    audio.currentTime = t;
    assert.equal(frames.length, 1);
    frames.shift()();
  }
  audio.paused = true;
  frames.shift()();
  assert.equal(frames.length, 0);
  assert.deepEqual(ticks, [0, 0.1, 0.2, 0.2]);
});
