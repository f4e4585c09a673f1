import assert from "node:assert/strict";
import { test } from "node:test";
import { createActions } from "../../static/js/actions.js";
import { KEYS } from "../../static/js/keys.js";
import { createNavigation } from "../../static/js/navigation.js";
import { INITIAL } from "../../static/js/state.js";
import { createStore } from "../../static/js/store.js";
import { segment } from "./helpers.js";

/** Label 0 is heard in seconds 2, 3 and 7, label 1 from the start to second 4. */
function start(patch = {}) {
  const heard = (i) => [[2, 3, 7].includes(i), i < 5];
  const segments = Array.from({ length: 10 }, (_, i) => segment(i, [], { heard: heard(i) }));
  const store = createStore({ ...INITIAL, segments, length_s: 10, view: { start_s: 0, end_s: 10 }, ...patch });
  const seek = (time_s) => store.update({ time_s });
  return { store, actions: createActions({ store, player: {}, seek, navigation: createNavigation(store) }) };
}

test("every key but the help's has something to do", () => {
  const { actions } = start();
  for (const { action } of KEYS) if (action !== "help") assert.equal(typeof actions[action], "function", action);
});

test("a number leads from entry to entry of the instrument that bears it", () => {
  const { store, actions } = start();
  const times = (...steps) => steps.map(([name, number]) => (actions[name](number), store.get().time_s));
  assert.deepEqual(times(["nextEntry", 2], ["nextEntry", 2], ["nextEntry", 2], ["previousEntry", 2]), [2, 7, 2, 7]);
  assert.deepEqual(times(["nextEntry", 1], ["nextEntry", 9]), [0, 0]);
});

test("a loop is the second being heard, until it is taken away", () => {
  const { store, actions } = start({ time_s: 3.4 });
  actions.loop();
  assert.deepEqual([store.get().loop, store.get().time_s], [{ start_s: 3, end_s: 4 }, 3.4]);
  actions.loop();
  assert.equal(store.get().loop, null);
});

test("a loop drawn elsewhere is gone to when it is drawn, and one around the playhead leaves it where it is", () => {
  const { store, actions } = start({ time_s: 1 });
  actions.drawLoop(8, 6);
  assert.deepEqual([store.get().loop, store.get().time_s], [{ start_s: 6, end_s: 8 }, 1]);
  actions.enterLoop();
  assert.equal(store.get().time_s, 6);
  actions.drawLoop(7, 5);
  actions.enterLoop();
  assert.equal(store.get().time_s, 6);
});

test("speed and sound", () => {
  const { store, actions } = start();
  actions.faster();
  actions.mute();
  assert.deepEqual([store.get().rate, store.get().muted], [1.25, true]);
});
