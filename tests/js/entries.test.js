import assert from "node:assert/strict";
import { test } from "node:test";
import { entryTimes, nextEntry, numberedLabels, previousEntry } from "../../static/js/entries.js";
import { segment } from "./helpers.js";

/** One segment a letter; a letter stands for the labels that are heard. */
const song = (letters) =>
  [...letters].map((letter, i) => segment(i, [], { heard: { a: [true, false], b: [false, true], x: [true, true], "-": [false, false] }[letter] }));

test("an entry is a second in which a label is heard and was not before", () => {
  assert.deepEqual(entryTimes(song("aa-xb-a"), 0), [0, 3, 6]);
  assert.deepEqual(entryTimes(song("aa-xb-a"), 1), [3]);
});

test("what is not tagged yet is silence: after a hole it enters anew", () => {
  const segments = song("aaa");
  delete segments[1];
  assert.deepEqual(entryTimes(segments, 0), [0, 2]);
});

test("next goes on from the last to the first; previous skips the one just begun", () => {
  const times_s = [3, 8, 20];
  assert.deepEqual([0, 3, 8.5, 20].map((time_s) => nextEntry(times_s, time_s)), [3, 8, 20, 3]);
  assert.deepEqual([12, 8.5, 3.2].map((time_s) => previousEntry(times_s, time_s)), [8, 3, 20]);
  assert.deepEqual([nextEntry([], 4), previousEntry([], 4)], [null, null]);
});

test("numbers go by the first entry, and keep while the song grows", () => {
  assert.deepEqual(numberedLabels(song("-b")), [1]);
  assert.deepEqual(numberedLabels(song("-bba")), [1, 0]);
});
