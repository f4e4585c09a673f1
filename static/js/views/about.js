/** What the model can and cannot name, how well, and what it learned from: its own figures in plain words. */

import { getModel } from "../api.js";
import { byId, element, setText } from "../dom.js";
import { t } from "../i18n.js";
import { takeHue } from "../theme.js";
import { percent } from "../words.js";

/** Sets of single sounds and of mixes in the checkpoint's `metrics`, by what they are called. */
const SOLO = { solo_test_recordings: "about.solo_recordings", solo_held_out_soundfont: "about.solo_soundfont" };
const MIXES = "test_mixes";

/** @returns what to do when the dialog opens: ask for the model, once */
export function createAbout(store, onProblem) {
  let asked = null;
  let model = null; // as the server tells of it

  function tell({ modelLabels: labels }) {
    if (model && labels.length) describe(model, labels);
  }

  store.render([(s) => s.modelLabels, (s) => s.config], ({ modelLabels: labels, config }) => {
    const families = (config?.families ?? []).map((family) => nameFamily(family, labels)).flat();
    byId("about-names").replaceChildren(...families);
    byId("about-experimental").hidden = !labels.some((label) => label.experimental);
  });

  store.watch((s) => s.modelLabels, () => tell(store.get())); // they may come after the model

  return function load() {
    asked ??= getModel().then(
      (answer) => {
        model = answer;
        tell(store.get());
      },
      (problem) => {
        asked = null;
        onProblem(problem);
      },
    );
  };
}

function nameFamily(family, labels) {
  const names = labels
    .filter((label) => label.family === family.id)
    .map(({ name, experimental }) => (experimental ? `${name}*` : name));
  if (!names.length) return [];
  const term = element("dt", {}, [element("span", { class: "dot", "aria-hidden": "true" }), family.name]);
  takeHue(term, family.id);
  return [term, element("dd", {}, [names.join(", ")])];
}

function describe({ name, context_s, metrics, trained_on }, labels) {
  setText(byId("about-model"), t("about.model", { name, count: labels.length, context_s }));
  byId("about-scores").replaceChildren(...scoreTexts(metrics).map((text) => element("li", {}, [text])));
  const scores = metrics?.[MIXES]?.labels;
  byId("about-each").hidden = !scores;
  if (scores) byId("about-rows").replaceChildren(...labels.map((label) => scoreRow(label, scores[label.id])));
  byId("about-sources").replaceChildren(...(trained_on ?? []).map(sourceRow));
}

/** The scores in sentences; a model that was never scored says so. */
export function scoreTexts(metrics) {
  const texts = Object.entries(SOLO)
    .filter(([key]) => metrics?.[key])
    .map(([key, message]) => soloText(message, metrics[key]));
  const mixes = metrics?.[MIXES];
  if (mixes) texts.push(t("about.mixes", { map: percent(mixes.map), f1: percent(mixes.f1_micro) }));
  return texts.length ? texts : [t("about.unscored")];
}

function soloText(message, { top1, top1_interval: [low, high], commonest_top1: commonest, clips }) {
  const values = { top1, low, high, commonest };
  const shares = Object.fromEntries(Object.entries(values).map(([name, share]) => [name, percent(share)]));
  return t(message, { ...shares, clips });
}

function scoreRow(label, score) {
  const known = score?.f1 ?? null;
  const meter = element("span", { class: "share-bar", "aria-hidden": "true" });
  meter.style.setProperty("--share", known ?? 0);
  const text = known === null ? t("about.untested") : percent(known);
  const row = element("tr", {}, [
    element("th", { scope: "row" }, [label.experimental ? `${label.name}*` : label.name]),
    element("td", {}, [meter, text]),
    element("td", { class: "number" }, [String(score?.positives ?? 0)]),
  ]);
  takeHue(row, label.family);
  return row;
}

function sourceRow({ source, minutes, license }) {
  return element("tr", {}, [
    element("th", { scope: "row" }, [source]),
    element("td", { class: "number" }, [minutes.toFixed(0)]),
    element("td", {}, [license ?? t("about.no_licence")]),
  ]);
}
