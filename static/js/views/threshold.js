/** What counts as heard, for all instruments at once: the threshold, and how calm the picture is. */

import { AS_THE_MODEL_SAYS } from "../display.js";
import { byId, element, setText } from "../dom.js";
import { t } from "../i18n.js";
import { formatDuration, percent } from "../words.js";

const AVERAGES_S = [1, 3, 5]; // odd, so that a second stands in the middle of its neighbours
const SHORTEST_S = [1, 2, 3, 5];

export function createThreshold(store, display) {
  const slider = byId("threshold");
  const reset = byId("threshold-own");
  fillChoices("average", AVERAGES_S, "smoothing.none", (average_s) => smooth({ average_s }));
  fillChoices("shortest", SHORTEST_S, "smoothing.any", (shortest_s) => smooth({ shortest_s }));

  function smooth(patch) {
    display.change({ smoothing: { ...store.get().smoothing, ...patch } });
  }

  slider.addEventListener("input", () => {
    display.change({ threshold: { all: Number(slider.value), own: {} } });
  });
  reset.addEventListener("click", () => {
    display.change(AS_THE_MODEL_SAYS);
    slider.focus(); // the button goes away under the finger
  });

  store.render([(s) => s.threshold, (s) => s.smoothing, (s) => s.labels], ({ threshold, smoothing, labels }) => {
    const text = threshold.all === null ? t("threshold.own") : percent(threshold.all);
    slider.value = threshold.all ?? typical(labels);
    setText(byId("threshold-value"), text);
    slider.setAttribute("aria-valuetext", text);
    byId("average").value = smoothing.average_s;
    byId("shortest").value = smoothing.shortest_s;
    reset.hidden = isUntouched(threshold, smoothing);
  });
}

/** Choices in seconds; the first of them, a single segment, changes nothing and is called so. */
function fillChoices(id, choices_s, plain, choose) {
  const nameOf = (choice_s) => (choice_s === choices_s[0] ? t(plain) : formatDuration(choice_s));
  const options = choices_s.map((choice_s) => element("option", { value: choice_s }, [nameOf(choice_s)]));
  byId(id).append(...options);
  byId(id).addEventListener("change", () => choose(Number(byId(id).value)));
}

function isUntouched(threshold, smoothing) {
  const { smoothing: plain } = AS_THE_MODEL_SAYS;
  const isPlain = smoothing.average_s === plain.average_s && smoothing.shortest_s === plain.shortest_s;
  return isPlain && threshold.all === null && Object.keys(threshold.own).length === 0;
}

/** The middle one of the labels' own thresholds: where the slider rests until it is moved. */
function typical(labels) {
  const sorted = labels.map((label) => label.threshold).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0.5;
}
