/** One note or one-shot: its name in large letters, and how sure the model is of it and of the next ones. */

import { byId, element, setAttribute, setText } from "../dom.js";
import { t } from "../i18n.js";
import { takeHue } from "../theme.js";
import { percent } from "../words.js";

const SHOWN = 6;

/** Whether a song is to be answered as one sound: as the person said, else when it is short. */
export function isSingle({ song, config, asSingle }) {
  if (song?.state !== "done") return false;
  return asSingle ?? song.duration_s < config?.single_below_s;
}

/** The likeliest instruments of `single`, the most likely first: `[{label, confidence}]`. */
export function ranking({ labels: ids, confidences }, labels) {
  const known = new Map(labels.map((label) => [label.id, label]));
  return ids
    .map((id, i) => ({ label: known.get(id), confidence: confidences[i] }))
    .filter(({ label }) => label)
    .toSorted((a, b) => b.confidence - a.confidence)
    .slice(0, SHOWN);
}

/** @param again plays the sound from its start */
export function createSingle(store, api, { again, onProblem }) {
  const ids = { "#single": true, "#seconds": false };

  async function fetchAnswer({ song }) {
    try {
      const single = await api.getSingle(song.id);
      if (store.get().song?.id === song.id) store.update({ single });
    } catch (problem) {
      onProblem(problem);
    }
  }

  function choose(hash) {
    history.replaceState(null, "", hash);
    store.update({ asSingle: ids[hash] });
  }

  function show(state) {
    document.body.toggleAttribute("data-single", isSingle(state) && state.single !== null);
    byId("single-open").hidden = state.song?.state !== "done" || isSingle(state);
    if (isSingle(state) && !state.single) fetchAnswer(state);
    if (state.single) write(ranking(state.single, state.labels));
  }

  byId("single-again").addEventListener("click", again);
  byId("single-seconds").addEventListener("click", () => choose("#seconds"));
  byId("single-open").addEventListener("click", () => choose("#single"));
  store.watch((s) => s.song?.id, (id) => id && store.update({ asSingle: ids[location.hash] ?? null }));
  store.render([(s) => s.song?.state, (s) => s.single, (s) => s.asSingle, (s) => s.labels], show);
  store.render([(s) => s.playable], ({ playable }) => {
    byId("single-again").disabled = !playable;
  });
}

function write(ranked) {
  const [best] = ranked;
  const isSure = best !== undefined && best.confidence >= best.label.threshold;
  setText(byId("single-title"), t(isSure ? "single.title" : "single.unsure"));
  setText(byId("single-name"), best?.label.name ?? "");
  if (best) takeHue(byId("single-name"), best.label.family);
  byId("single-bars").replaceChildren(...ranked.map(makeBar));
}

function makeBar({ label, confidence }) {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  bar.style.setProperty("--share", confidence);
  const item = element("li", { "data-label": label.id }, [
    element("span", { class: "name" }, [label.name]),
    bar,
    element("span", { class: "number" }, [percent(confidence)]),
  ]);
  setAttribute(item, "data-confidence", confidence);
  takeHue(item, label.family);
  return item;
}
