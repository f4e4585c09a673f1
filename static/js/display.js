/**
 * How the listener wants to see the song: thresholds and smoothing, kept in this browser.
 *
 * Segments go into the store through here, so that what is drawn of them and what was chosen can never
 * disagree.
 */

import { PLAIN, displayed, rulesOf, withRaw } from "./heard.js";
import { createKept } from "./kept.js";
import { grainOf, withSegments } from "./state.js";
import { OWN_THRESHOLDS } from "./threshold.js";

/** `threshold` and `smoothing` of the state, as the page begins and as a reset leaves them. */
export const AS_THE_MODEL_SAYS = { threshold: OWN_THRESHOLDS, smoothing: PLAIN };

export function createDisplay(store, kept = createKept("display", {})) {
  const inForce = (state) => rulesOf(state, grainOf(state.config).segment_s);

  /** Change what is chosen, `{threshold?, smoothing?}`, and everything that follows from it. */
  function change(patch) {
    const wanted = { ...store.get(), ...patch };
    const { segments, threshold, smoothing } = wanted;
    store.update({ ...patch, segments: displayed(segments, [0, segments.length], inForce(wanted)) });
    kept.write({ threshold, smoothing });
  }

  /** Put these rows in their places, as they are to be seen. */
  function addRows(rows) {
    if (!rows.length) return;
    const indices = rows.map(({ index }) => index);
    const range = [Math.min(...indices), Math.max(...indices) + 1];
    const merged = withSegments(store.get().segments, rows.map(withRaw));
    store.update({ segments: displayed(merged, range, inForce(store.get())) });
  }

  store.update({ ...AS_THE_MODEL_SAYS, ...kept.read() });
  return { change, addRows };
}
