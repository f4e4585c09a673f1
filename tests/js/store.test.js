import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../static/js/store.js";

test("a watcher hears of its own part only, with the value before", () => {
  const store = createStore({ a: 1, b: 1 });
  const heard = [];
  const stop = store.watch((s) => s.a, (now, before) => heard.push([before, now]));
  store.update({ b: 2 });
  store.update({ a: 1 });
  store.update({ a: 5 });
  stop();
  store.update({ a: 6 });
  assert.deepEqual(heard, [[1, 5]]);
});

test("render draws at once, then on every change of its parts", () => {
  const store = createStore({ a: 1, b: 1, c: 1 });
  const seen = [];
  store.render([(s) => s.a, (s) => s.b], ({ a, b }) => seen.push([a, b]));
  store.update({ c: 2 });
  store.update({ a: 2, b: 2 });
  assert.deepEqual(seen, [[1, 1], [2, 2]]);
});
