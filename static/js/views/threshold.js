/** The slider that says from which probability an instrument counts as heard. */

import { byId, setText } from "../dom.js";
import { percent } from "../words.js";

export function createThreshold(store) {
  const slider = byId("threshold");
  const own = byId("threshold-own");

  slider.addEventListener("input", () => store.update({ threshold: Number(slider.value) }));
  own.addEventListener("click", () => store.update({ threshold: null }));

  store.render([(s) => s.threshold, (s) => s.labels], ({ threshold, labels }) => {
    const shown = threshold ?? typical(labels);
    slider.value = shown;
    const text = threshold === null ? "per instrument" : percent(threshold);
    setText(byId("threshold-value"), text);
    slider.setAttribute("aria-valuetext", text);
    own.hidden = threshold === null;
  });
}

/** The middle one of the labels' own thresholds: where the slider rests until it is moved. */
function typical(labels) {
  const sorted = labels.map((label) => label.threshold).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0.5;
}
