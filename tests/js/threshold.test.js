import assert from "node:assert/strict";
import { test } from "node:test";
import { soundingLabels } from "../../static/js/threshold.js";

test("each label counts from its own threshold, or from the one chosen for all", () => {
  const labels = [{ id: "a", threshold: 0.3 }, { id: "b", threshold: 0.6 }];
  const heard = (p, chosen) => soundingLabels(labels, p, chosen).map((label) => label.id);
  assert.deepEqual(heard([0.3, 0.5], null), ["a"]);
  assert.deepEqual(heard([0.3, 0.5], 0.4), ["b"]);
  assert.deepEqual(heard([0.3, 0.5], 0), ["a", "b"]);
});
