/** "Wrong here", "missing here": said of a range and an instrument, listed, taken back, taken along. */

import { correctionsUrl } from "../api.js";
import { inOrder, rangeToCorrect, withCorrection } from "../corrections.js";
import { byId, element, setAttribute, setText } from "../dom.js";
import { t } from "../i18n.js";
import { takeHue } from "../theme.js";
import { formatClock } from "../time.js";
import { createCorrectionMarks } from "./correction_marks.js";

const DECIMALS = 1; // of a second

const rangeText = ({ start_s, end_s }) =>
  t("corrections.range", { from: formatClock(start_s, DECIMALS), to: formatClock(end_s, DECIMALS) });

/** @param readRows `() => rows` of the heatmap, on which the corrections are marked */
export function createCorrections(store, api, { readRows, onProblem, announce }) {
  const choice = byId("corrections-label");
  const verdicts = [...byId("corrections").querySelectorAll("[data-verdict]")];
  const isOpen = (id) => store.get().song?.id === id;
  let changes = 0; // grows with every word said or taken back, so that an older list knows that it is old

  async function load(id) {
    const before = changes;
    const corrections = await api.getCorrections(id).catch(() => null); // without them the song is still whole
    if (!corrections || !isOpen(id)) return;
    if (before === changes) store.update({ corrections });
    else await load(id);
  }

  function change(corrections) {
    changes += 1;
    store.update({ corrections });
  }

  async function say(verdict) {
    const { song } = store.get();
    const range = rangeToCorrect(store.get());
    if (!song || !range) return;
    try {
      const added = await api.addCorrection(song.id, { ...range, label: choice.value, verdict });
      if (!isOpen(song.id)) return;
      change(withCorrection(store.get().corrections, added));
      announce("state", t("corrections.stored"));
    } catch (problem) {
      onProblem(problem);
    }
  }

  async function takeBack(correction) {
    const { song } = store.get();
    try {
      await api.deleteCorrection(song.id, correction);
    } catch (problem) {
      if (problem.code !== "not_found") return onProblem(problem);
    }
    if (isOpen(song.id)) change(store.get().corrections.filter(({ id }) => id !== correction));
  }

  for (const button of verdicts) button.addEventListener("click", () => say(button.dataset.verdict));
  byId("corrections-list").addEventListener("click", ({ target }) => {
    const button = target.closest("[data-correction]");
    if (button) takeBack(Number(button.dataset.correction));
  });
  store.watch((s) => s.song?.id, (id) => id && load(id));
  store.render([(s) => s.labels, (s) => s.config], ({ labels, config }) => fillChoice(choice, labels, config?.families ?? []));
  store.render([(s) => rangeToCorrect(s)?.start_s, (s) => rangeToCorrect(s)?.end_s], (state) => {
    const range = rangeToCorrect(state);
    setText(byId("corrections-range"), range ? rangeText(range) : t("corrections.nowhere"));
    for (const button of verdicts) button.disabled = !range;
  });
  store.render([(s) => s.corrections, (s) => s.labels, (s) => s.song], showList);
  createCorrectionMarks(store, readRows);
}

function fillChoice(choice, labels, families) {
  const groups = families.map(({ id, name }) => {
    const ones = labels.filter((label) => label.family === id);
    return ones.length ? element("optgroup", { label: name }, ones.map((one) => element("option", { value: one.id }, [one.name]))) : null;
  });
  choice.replaceChildren(...groups.filter(Boolean));
}

function showList({ corrections, labels, song, live }) {
  const known = new Map(labels.map((label) => [label.id, label]));
  const rows = inOrder(corrections).map((one) => makeRow(one, known.get(one.label)));
  byId("corrections-list").replaceChildren(...rows);
  const canCut = song?.state === "done" && corrections.length > 0 && (!live || live.keep);
  byId("corrections-export").hidden = !canCut;
  setAttribute(byId("corrections-zip"), "href", canCut ? correctionsUrl(song.id) : null);
}

/** `label` is undefined where another model tagged the song. */
function makeRow(correction, label) {
  const name = label?.name ?? correction.label;
  const range = rangeText(correction);
  const said = t(`corrections.said.${correction.verdict}`, { name, range });
  const back = element("button", {
    type: "button",
    class: "quiet",
    "data-correction": correction.id,
    "aria-label": t("corrections.take_back_this", { said }),
  }, [t("corrections.take_back")]);
  const row = element("li", { "data-said": correction.verdict }, [element("span", {}, [said]), back]);
  if (label) takeHue(row, label.family);
  return row;
}
