/** Play, pause, and the seek bar. */

import { byId, setAttribute, setText } from "../dom.js";
import { NO_SONG, knownEnd_s } from "../state.js";
import { formatClock } from "../time.js";
import { positionText } from "../words.js";
import { onScrub } from "./scrub.js";

export function createTransport(store, player, seek) {
  const button = byId("play");
  const bar = byId("seek");

  button.addEventListener("click", player.toggle);
  onScrub(bar, () => store.get().view, seek);

  store.render([(s) => s.playing, (s) => s.playable], ({ playing, playable }) => {
    button.disabled = !playable;
    button.classList.toggle("playing", playing);
    setAttribute(button, "aria-label", playing ? "Pause" : "Play");
  });
  store.render([(s) => s.time_s, (s) => s.view], showPosition);
  store.render([(s) => s.segments, (s) => s.view], ({ segments, view }) => {
    bar.style.setProperty("--tagged", knownEnd_s(segments) / view.end_s);
  });

  function showPosition({ time_s, view }) {
    setText(byId("elapsed"), formatClock(time_s));
    setText(byId("total"), formatClock(view === NO_SONG.view ? NaN : view.end_s));
    bar.style.setProperty("--played", Math.min(1, time_s / view.end_s));
    setAttribute(bar, "aria-valuemax", Math.round(view.end_s));
    setAttribute(bar, "aria-valuenow", Math.floor(time_s));
    setAttribute(bar, "aria-valuetext", positionText(time_s, view.end_s));
  }
}
