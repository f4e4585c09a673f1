import assert from "node:assert/strict";
import { test } from "node:test";
import { createDisplay } from "../../static/js/display.js";
import { createKept } from "../../static/js/kept.js";
import { INITIAL } from "../../static/js/state.js";
import { createStore } from "../../static/js/store.js";
import { FakeStorage, segment } from "./helpers.js";

const LABELS = [{ id: "a", threshold: 0.5 }];

function start(storage = new FakeStorage()) {
  const store = createStore({ ...INITIAL, labels: LABELS });
  return { store, storage, display: createDisplay(store, createKept("display", {}, storage)) };
}
const heardIn = (store) => store.get().segments.map((one) => one.heard[0]);

test("a threshold holds for what is here and for what comes later", () => {
  const { store, display } = start();
  display.addRows([segment(0, [0.6]), segment(1, [0.3])]);
  assert.deepEqual(heardIn(store), [true, false]);
  display.change({ threshold: { all: 0.2, own: {} } });
  display.addRows([segment(2, [0.25])]);
  assert.deepEqual(heardIn(store), [true, true, true]);
});

test("smoothing can be taken back: the model's numbers were never lost", () => {
  const { store, display } = start();
  display.addRows([0.9, 0, 0.9].map((p, i) => segment(i, [p])));
  display.change({ smoothing: { average_s: 3, shortest_s: 1 } });
  assert.deepEqual(store.get().segments.map((one) => one.probabilities[0]), [0.45, 0.6, 0.45]);
  display.addRows([segment(0, [0.9], { picture: "later" })]);
  display.change({ smoothing: { average_s: 1, shortest_s: 1 } });
  assert.deepEqual(store.get().segments.map((one) => one.probabilities[0]), [0.9, 0, 0.9]);
  assert.equal(store.get().segments[0].picture, "later");
});

test("what was chosen is there again in the next page of this browser", () => {
  const { display, storage } = start();
  display.change({ threshold: { all: null, own: { a: 0.9 } }, smoothing: { average_s: 5, shortest_s: 2 } });
  const { store } = start(storage);
  assert.deepEqual(store.get().threshold, { all: null, own: { a: 0.9 } });
  assert.deepEqual(store.get().smoothing, { average_s: 5, shortest_s: 2 });
});

test("a browser that keeps nothing is no obstacle", () => {
  const forbidden = new Proxy({}, { get: () => () => { throw new DOMException("denied", "SecurityError"); } });
  const { store, display } = start(forbidden);
  display.addRows([segment(0, [0.6])]);
  display.change({ threshold: { all: 0.9, own: {} } });
  assert.deepEqual(heardIn(store), [false]);
});
