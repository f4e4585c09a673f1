import assert from "node:assert/strict";
import { test } from "node:test";
import { createNavigation } from "../../static/js/navigation.js";
import { INITIAL, atTime } from "../../static/js/state.js";
import { createStore } from "../../static/js/store.js";

const LENGTH_S = 100;

function start(patch = {}) {
  const store = createStore({ ...INITIAL, length_s: LENGTH_S, view: { start_s: 0, end_s: LENGTH_S }, ...patch });
  return { store, navigation: createNavigation(store), spans: () => [store.get().view.start_s, store.get().view.end_s] };
}

test("zooming by key goes towards the playhead, or the middle where it is out of sight", () => {
  const near = start({ time_s: 10 });
  near.navigation.zoomIn();
  near.navigation.zoomIn();
  assert.ok(near.spans()[0] < 10 && near.spans()[1] > 10 && near.spans()[1] < 55);
  const away = start({ time_s: 10, view: { start_s: 60, end_s: 80 }, follow: false });
  away.navigation.zoomIn();
  assert.equal((away.spans()[0] + away.spans()[1]) / 2, 70);
});

test("who scrolls away is not taken along until asking for it", () => {
  const { store, navigation, spans } = start({ time_s: 10, view: { start_s: 0, end_s: 20 } });
  navigation.scrollRight();
  assert.deepEqual([spans(), store.get().follow], [[10, 30], false]);
  store.update(atTime(store.get(), 35));
  assert.deepEqual(spans(), [10, 30]);
  navigation.toggleFollow();
  assert.equal(store.get().follow, true);
  assert.ok(spans()[0] < 35 && spans()[1] > 45);
  store.update(atTime(store.get(), 90));
  assert.ok(spans()[1] > 90);
});

test("zooming keeps following while the playhead stays in sight", () => {
  const { store, navigation } = start({ time_s: 10 });
  navigation.zoomBy(0.5, 10);
  assert.equal(store.get().follow, true);
  navigation.zoomBy(0.2, 40);
  assert.equal(store.get().follow, false);
  navigation.wholeSong();
  assert.deepEqual([store.get().follow, store.get().view], [true, { start_s: 0, end_s: LENGTH_S }]);
});

test("a jump is shown even to who does not follow", () => {
  const { store, spans } = start({ time_s: 10, view: { start_s: 0, end_s: 20 }, follow: false });
  store.update(atTime(store.get(), 70, true));
  assert.ok(spans()[0] <= 70 && spans()[1] >= 70);
});

test("at the end of the song there is nothing to scroll to, and following goes on", () => {
  const { store, navigation } = start({ time_s: 90, view: { start_s: 80, end_s: LENGTH_S } });
  navigation.scrollRight();
  assert.equal(store.get().follow, true);
});
