/** The song in numbers: a row an instrument, with its own threshold. */

import { byId, element, setAttribute, setText } from "../dom.js";
import { t } from "../i18n.js";
import { paced } from "../pace.js";
import { summaryOf } from "../summary.js";
import { thresholdOf, withOwn } from "../threshold.js";
import { takeHue } from "../theme.js";
import { formatClock } from "../time.js";
import { percent } from "../words.js";

const GAP_MS = 300; // between two counts, while segments pour in

export function createSummary(store, display, seek) {
  let rows = [];
  let all = false;

  function chooseOwn(id, probability) {
    display.change({ threshold: withOwn(store.get().threshold, id, probability) });
  }

  function fill() {
    const { segments, labels, threshold } = store.get();
    const counts = summaryOf(segments, labels);
    rows.forEach((row, i) => fillRow(row, counts[i], threshold, all));
    byId("summary-none").hidden = !segments.length || rows.some(({ tr }) => !tr.hidden);
  }

  const fillSoon = paced(fill, GAP_MS);
  store.render([(s) => s.labels], ({ labels }) => {
    rows = labels.map((label) => makeRow(label, seek, chooseOwn));
    byId("summary-rows").replaceChildren(...rows.map(({ tr }) => tr));
    fill();
  });
  store.render([(s) => s.segments, (s) => s.threshold], fillSoon);
  byId("summary-all").addEventListener("click", () => {
    all = !all;
    setText(byId("summary-all"), t(all ? "summary.heard" : "summary.all"));
    fill();
  });
}

function makeRow(label, seek, chooseOwn) {
  const share = element("span", { class: "share-bar", "aria-hidden": "true" });
  const shareText = element("span");
  const first = element("button", { type: "button", class: "link" });
  const entries = element("td", { class: "number" });
  const own = makeOwn(label, chooseOwn);
  const name = [element("span", { class: "dot", "aria-hidden": "true" }), label.name];
  const tr = element("tr", { "data-label": label.id }, [
    element("th", { scope: "row" }, label.experimental ? [...name, "*"] : name),
    element("td", {}, [share, shareText]),
    element("td", {}, [first]),
    entries,
    element("td", {}, [element("span", { class: "own" }, Object.values(own))]),
  ]);
  takeHue(tr, label.family);
  first.addEventListener("click", () => seek(Number(first.dataset.timeS)));
  return { label, tr, share, shareText, first, entries, ...own };
}

/** The label's own threshold: of the same range as the one for all. */
function makeOwn(label, chooseOwn) {
  const { min, max, step } = byId("threshold");
  const name = t("threshold.of", { instrument: label.name });
  const slider = element("input", { type: "range", min, max, step, "aria-label": name });
  const value = element("output");
  const reset = element("button", { type: "button", class: "quiet" }, [t("threshold.reset")]);
  slider.addEventListener("input", () => chooseOwn(label.id, Number(slider.value)));
  reset.addEventListener("click", () => {
    chooseOwn(label.id, null);
    slider.focus(); // the button goes away under the finger
  });
  return { slider, value, reset };
}

/** An instrument that is never heard is shown where all are, or while its own threshold is being chosen. */
function fillRow(row, { share, first_s, entries }, chosen, all) {
  const isOwn = row.label.id in chosen.own;
  const threshold = thresholdOf(row.label, chosen);
  row.tr.hidden = !(all || isOwn || entries);
  row.share.style.setProperty("--share", share);
  setText(row.shareText, percent(share));
  row.first.hidden = first_s === null;
  setText(row.first, first_s === null ? "" : formatClock(first_s));
  setAttribute(row.first, "aria-label", t("summary.go", { instrument: row.label.name, time: formatClock(first_s) }));
  row.first.dataset.timeS = first_s ?? "";
  setText(row.entries, String(entries));
  row.slider.value = threshold;
  setText(row.value, percent(threshold));
  setAttribute(row.slider, "aria-valuetext", percent(threshold));
  row.reset.hidden = !isOwn;
}
