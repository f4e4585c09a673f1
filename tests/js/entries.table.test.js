import assert from "node:assert/strict";
import { test } from "node:test";
import { sortedEntries } from "../../static/js/views/entries.js";

const entry = (name, start_s, end_s, confidence) => ({ label: { name }, start_s, end_s, confidence });
const ENTRIES = [entry("Oboe", 0, 9, 0.5), entry("Banjo", 0, 3, 0.9), entry("Oboe", 4, 5, 0.5)];
const order = (by, descending = false) => sortedEntries(ENTRIES, { by, descending }).map((one) => ENTRIES.indexOf(one));

test("the table sorts by every column, both ways, and equal rows stay in order", () => {
  assert.deepEqual(order("name"), [1, 0, 2]);
  assert.deepEqual(order("start_s"), [0, 1, 2]);
  assert.deepEqual(order("end_s", true), [0, 2, 1]);
  assert.deepEqual(order("confidence"), [0, 2, 1]);
  assert.deepEqual(order("confidence", true), [1, 0, 2]);
});
