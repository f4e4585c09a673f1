import assert from "node:assert/strict";
import { test } from "node:test";
import { isSingle, ranking } from "../../static/js/views/single.js";

const config = { single_below_s: 3 };
const lasting = (duration_s, state = "done") => ({ song: { state, duration_s }, config, asSingle: null });

test("a short sound is one sound, a song is not, and the listener has the last word", () => {
  assert.equal(isSingle(lasting(2.9)), true);
  assert.equal(isSingle(lasting(3)), false);
  assert.equal(isSingle({ ...lasting(200), asSingle: true }), true);
  assert.equal(isSingle({ ...lasting(1), asSingle: false }), false);
});

test("there is no answer before the end, nor without a song", () => {
  assert.equal(isSingle({ ...lasting(1, "tagging"), asSingle: true }), false);
  assert.equal(isSingle({ song: null, config, asSingle: true }), false);
});

test("the likeliest come first, by the names that the page knows", () => {
  const labels = [{ id: "a" }, { id: "c" }];
  const answer = { labels: ["a", "b", "c"], confidences: [0.2, 0.9, 0.5] };
  assert.deepEqual(ranking(answer, labels), [
    { label: labels[1], confidence: 0.5 },
    { label: labels[0], confidence: 0.2 },
  ]);
  const many = { labels: Array.from({ length: 9 }, () => "a"), confidences: [1, 2, 3, 4, 5, 6, 7, 8, 9] };
  assert.deepEqual(ranking(many, labels).map(({ confidence }) => confidence), [9, 8, 7, 6, 5, 4]);
});
