/** What a listener says against the model: where, and in which words. */

import { currentSegment, knownEnd_s } from "./state.js";

const SHORTEST_S = 0.1; // shorter than any sound with a name, and than the server takes

/** The stretch that a correction would be about: the loop, else the second being heard; null where nothing is tagged. */
export function rangeToCorrect(state) {
  const { loop, segments } = state;
  const range = loop ?? currentSegment(state);
  if (!range) return null;
  const { start_s } = range;
  const end_s = Math.min(range.end_s, knownEnd_s(segments));
  return end_s - start_s < SHORTEST_S ? null : { start_s, end_s };
}

/** As they stand in the song: by start, the later said last. */
export function inOrder(corrections) {
  return corrections.toSorted((a, b) => a.start_s - b.start_s || a.id - b.id);
}

/** The corrections with this one among them: another word on the same range and label takes the place of the former. */
export function withCorrection(corrections, added) {
  const isSame = (one) => ["start_s", "end_s", "label"].every((name) => one[name] === added[name]);
  return [...corrections.filter((one) => !isSame(one)), added];
}
