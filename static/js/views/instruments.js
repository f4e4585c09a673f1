/**
 * The list of instruments: a row each, by family, always in the same order.
 *
 * Rows light up with the playhead. What is below the threshold is dimmed, never hidden.
 */

import { byId, element, setAttribute, setText } from "../dom.js";
import { currentSegment } from "../state.js";
import { hueOn, onThemeChange, publishHues, readTheme, takeHue } from "../theme.js";
import { thresholdOf } from "../threshold.js";

export function createInstruments(store) {
  const list = byId("instruments");
  let rows = []; // {label, item, value}, in the labels' order

  function build(labels, families) {
    const made = new Map(labels.map((label) => [label, makeRow(label)]));
    rows = [...made.values()];
    const groups = families
      .map((family) => makeFamily(family, labels.filter((l) => l.family === family.id), made))
      .filter(Boolean);
    list.replaceChildren(...groups);
    byId("experimental").hidden = !labels.some((label) => label.experimental);
  }

  function light(state) {
    const probabilities = currentSegment(state)?.probabilities;
    rows.forEach((row, i) => lightRow(row, probabilities?.[i] ?? null, state.threshold));
  }

  const publish = () => publishHues(store.get().config?.families ?? []);
  store.render([(s) => s.labels, (s) => s.config], ({ labels, config }) => {
    if (config) build(labels, config.families);
    publish();
    light(store.get());
  });
  store.render([currentSegment, (s) => s.threshold], light);
  onThemeChange(publish);

  /** Where each row lies, for the heatmap beside it: `{top_px, height_px, colour, threshold}`. */
  return function readRows() {
    const { threshold } = store.get();
    const theme = readTheme();
    return rows.map(({ label, item }) => ({
      top_px: item.offsetTop,
      height_px: item.offsetHeight,
      colour: hueOn(theme, label.colour),
      threshold: thresholdOf(label, threshold),
    }));
  };
}

function makeRow(label) {
  const value = element("span", { class: "value" });
  const name = element("span", { class: "name" }, [label.name]);
  if (label.experimental) {
    name.append(element("span", { class: "asterisk" }, ["*"]));
  }
  const meter = element("span", { class: "meter", "aria-hidden": "true" }, [
    element("span", { class: "fill" }),
    element("span", { class: "mark" }),
  ]);
  const dot = element("span", { class: "dot", "aria-hidden": "true" });
  const item = element("li", { "data-label": label.id, class: "row" }, [dot, name, meter, value]);
  return { label, item, value };
}

function makeFamily(family, labels, rows) {
  if (!labels.length) return null;
  const heading = element("h3", { class: "family-name" }, [family.name]);
  const items = labels.map((label) => rows.get(label).item);
  const group = element("section", { class: "family" }, [heading, element("ul", {}, items)]);
  takeHue(group, family.id);
  return group;
}

/** `probability` is null where the second being heard is not tagged yet. */
function lightRow({ label, item, value }, probability, chosen) {
  const threshold = thresholdOf(label, chosen);
  setAttribute(item, "data-probability", probability === null ? null : probability.toFixed(3));
  item.classList.toggle("sounding", probability !== null && probability >= threshold);
  item.style.setProperty("--probability", probability ?? 0);
  item.style.setProperty("--threshold", threshold);
  setText(value, probability === null ? "" : String(Math.round(100 * probability)));
}
