import assert from "node:assert/strict";
import { test } from "node:test";
import { RATES, createPractice, nextRate } from "../../static/js/practice.js";
import { INITIAL } from "../../static/js/state.js";
import { createStore } from "../../static/js/store.js";
import { FakeAudio } from "./helpers.js";

function start(kept = {}) {
  const store = createStore({ ...INITIAL, loop: { start_s: 4, end_s: 6 } });
  const audio = new FakeAudio();
  const written = [];
  const practice = createPractice(store, audio, { read: () => kept, write: (value) => written.push(value) });
  return { store, audio, practice, written };
}

test("speed goes by steps, and stops at either end", () => {
  assert.deepEqual([nextRate(1, 1), nextRate(1, -1), nextRate(2, 1), nextRate(0.25, -1)], [1.25, 0.75, 2, 0.25]);
  assert.deepEqual([RATES[0], RATES.at(-1)], [0.25, 2]);
});

test("the speed holds for the next source too, and the pitch stays", () => {
  const { store, audio } = start();
  store.update({ rate: 0.5 });
  assert.deepEqual([audio.playbackRate, audio.defaultPlaybackRate, audio.preservesPitch], [0.5, 0.5, true]);
});

test("volume and mute are as they were left in this browser", () => {
  const { store, audio, written } = start({ volume: 0.3, muted: true });
  assert.deepEqual([audio.volume, audio.muted], [0.3, true]);
  store.update({ muted: false });
  assert.deepEqual([audio.muted, written.at(-1)], [false, { volume: 0.3, muted: false }]);
});

test("playing past the loop's end goes on at its start", () => {
  const { audio, practice } = start();
  assert.deepEqual([5.9, 6.01].map(practice.looped), [5.9, 4]);
  assert.equal(audio.currentTime, 4);
});

test("who seeks past the end is let go there, and may come back", () => {
  const { audio, practice } = start();
  practice.looped(5);
  audio.seeking = true;
  assert.equal(practice.looped(30), 30);
  audio.seeking = false;
  assert.deepEqual([30.1, 30.2].map(practice.looped), [30.1, 30.2]);
});

test("a loop to the very end of the song goes round as well", () => {
  const { store, audio, practice } = start();
  store.update({ loop: { start_s: 4, end_s: 10 } });
  practice.looped(9.9);
  audio.ended = true;
  assert.equal(practice.looped(9.98), 4);
  assert.equal(audio.started, 1);
});
