/**
 * The list of instruments: a row each, by family, always in the same order.
 *
 * Rows light up with the playhead. What is below the threshold is dimmed, never hidden. The first nine
 * that enter carry the number of the key that leads from entry to entry.
 */

import { byId, element, setAttribute, setText } from "../dom.js";
import { numberedLabels } from "../entries.js";
import { currentSegment } from "../state.js";
import { onThemeChange, publishHues } from "../theme.js";
import { thresholdOf } from "../threshold.js";
import { makeFamily, makeRow, moveStop } from "./instrument_row.js";
import { createOnlyHeard } from "./only_heard.js";
import { createRowPlaces } from "./row_places.js";

export function createInstruments(store) {
  const list = byId("instruments");
  let rows = []; // see makeRow, in the labels' order

  function build(labels, families) {
    rows = labels.map(makeRow);
    const groups = families.map((family) => makeFamily(family, rows.filter((row) => row.label.family === family.id)));
    list.replaceChildren(...groups.filter(Boolean));
    byId("experimental").hidden = !labels.some((label) => label.experimental);
  }

  function light(state) {
    const segment = currentSegment(state);
    rows.forEach((row, i) => lightRow(row, segment?.probabilities[i] ?? null, segment?.heard[i] ?? false));
  }

  function mark({ threshold }) {
    for (const { label, item } of rows) item.style.setProperty("--threshold", thresholdOf(label, threshold));
  }

  function number({ segments }) {
    const numbered = numberedLabels(segments);
    rows.forEach(({ digit }, i) => setText(digit, numbered.includes(i) ? String(numbered.indexOf(i) + 1) : ""));
  }

  const publish = () => publishHues(store.get().config?.families ?? []);
  store.render([(s) => s.labels, (s) => s.config], ({ labels, config }) => {
    if (config) build(labels, config.families);
    publish();
    for (const show of [light, mark, number]) show(store.get());
  });
  store.render([currentSegment], light);
  store.render([(s) => s.threshold], mark);
  store.render([(s) => s.segments], number);
  onThemeChange(publish);
  createOnlyHeard(store, () => rows);
  return createRowPlaces(store, list, () => rows);
}

/** `probability` is null where the second being heard is not tagged yet. */
function lightRow({ item, value }, probability, heard) {
  setAttribute(item, "data-probability", probability === null ? null : probability.toFixed(3));
  item.classList.toggle("sounding", heard);
  item.style.setProperty("--probability", probability ?? 0);
  setText(value, probability === null ? "" : String(Math.round(100 * probability)));
}

/** Buttons and keys of the rows: from entry to entry of one instrument. */
export function createEntryButtons(store, actions) {
  const list = byId("instruments");
  const labelOf = (target) => {
    const id = target.closest("[data-label]")?.dataset.label;
    return store.get().labels.findIndex((label) => label.id === id);
  };
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const isBack = button.classList.contains("previous") || event.shiftKey;
    actions[isBack ? "previousEntryOf" : "nextEntryOf"](labelOf(button));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const names = [...list.querySelectorAll(".row:not([hidden]) .name")];
    const next = names[names.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  list.addEventListener("focusin", (event) => {
    if (event.target.matches("button.name")) moveStop(list, event.target);
  });
}
