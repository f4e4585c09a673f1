/** "Now hearing": the instruments of this very second, in large words. */

import { byId, element, setText } from "../dom.js";
import { t } from "../i18n.js";
import { currentIndex, currentSegment, isOver } from "../state.js";
import { takeHue } from "../theme.js";
import { headlineLabels } from "../threshold.js";
import { listText } from "../words.js";

/** What to say where no instrument can be named. */
export function silenceText({ song, time_s, playing }, segment) {
  if (segment) return t("now.nothing");
  if (isOver(song)) return song.state === "done" ? "" : t("now.no_tags");
  return playing || time_s > 0 ? t("now.untagged") : t("now.listening");
}

export function createNow(store, announce) {
  const card = byId("now");
  const words = byId("now-words");

  /** Every frame: which second of the song these words belong to. */
  function stamp(state) {
    card.dataset.timeS = state.time_s.toFixed(3);
    card.dataset.segment = currentIndex(state);
  }

  function write(state) {
    const segment = currentSegment(state);
    const sounding = segment ? headlineLabels(state.labels, segment) : [];
    const names = sounding.map((label) => label.name);
    words.replaceChildren(...(sounding.length ? sounding.map(makeWord) : [makeSilence(silenceText(state, segment))]));
    words.classList.toggle("many", sounding.length > 4);
    announce("now", state.playing || state.live?.on ? listText(names) : "");
  }

  store.render([(s) => s.time_s, (s) => s.song], stamp);
  const parts = [currentSegment, (s) => s.labels, (s) => s.playing, (s) => s.song?.state];
  store.render(parts, write);
}

function makeWord(label) {
  const word = element("span", { class: "word" }, [label.name]);
  takeHue(word, label.family);
  return word;
}

function makeSilence(text) {
  return element("span", { class: "silence" }, [text]);
}
