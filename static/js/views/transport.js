/** Play, pause, and the seek bar. */

import { byId, setAttribute, setText } from "../dom.js";
import { t } from "../i18n.js";
import { NO_SONG, knownEnd_s } from "../state.js";
import { formatClock } from "../time.js";
import { positionText } from "../words.js";
import { onScrub } from "./scrub.js";

const PAGE_SHARE = 0.1; // page up and down move by a tenth of the song
const MOVES = { ArrowUp: "forward", ArrowDown: "back" }; // the others work anywhere

export function createTransport(store, actions) {
  const button = byId("play");
  const bar = byId("seek");

  button.addEventListener("click", actions.toggle);
  onScrub(bar, () => ({ start_s: 0, end_s: store.get().length_s }), actions.seek);
  bar.addEventListener("keydown", (event) => moveByKey(event, store.get(), actions));

  store.render([(s) => s.playing, (s) => s.playable], ({ playing, playable }) => {
    button.disabled = !playable;
    button.classList.toggle("playing", playing);
    setAttribute(button, "aria-label", t(playing ? "player.pause" : "player.play"));
  });
  store.render([(s) => s.time_s, (s) => s.length_s], showPosition);
  store.render([(s) => s.segments, (s) => s.length_s], ({ segments, length_s }) => {
    byId("seek-tagged").style.transform = `scaleX(${Math.min(1, knownEnd_s(segments) / length_s)})`;
  });
  store.render([(s) => s.loop, (s) => s.length_s], showLoop);
}

function moveByKey(event, { length_s }, actions) {
  const page = { PageUp: PAGE_SHARE, PageDown: -PAGE_SHARE }[event.key];
  if (page) actions.leap(page * length_s);
  else if (MOVES[event.key]) actions[MOVES[event.key]]();
  else return;
  event.preventDefault();
}

/** Every frame: only transforms, so that nothing is laid out anew. */
function showPosition({ time_s, length_s }) {
  const played = Math.min(1, time_s / length_s);
  byId("seek-played").style.transform = `scaleX(${played})`;
  byId("seek-thumb").style.transform = `translateX(${100 * played}%)`;
  setText(byId("elapsed"), formatClock(time_s));
  setText(byId("total"), formatClock(length_s === NO_SONG.length_s ? NaN : length_s));
  const bar = byId("seek");
  setAttribute(bar, "aria-valuemax", Math.round(length_s));
  if (setAttribute(bar, "aria-valuenow", Math.floor(time_s))) {
    setAttribute(bar, "aria-valuetext", positionText(time_s, length_s));
  }
}

function showLoop({ loop, length_s }) {
  const mark = byId("seek-loop");
  mark.hidden = !loop;
  if (!loop) return;
  mark.style.left = `${(100 * loop.start_s) / length_s}%`;
  mark.style.right = `${100 - (100 * loop.end_s) / length_s}%`;
}
