/** The state line with its bar, the name of the song, and problems. */

import { byId, setAttribute, setText } from "../dom.js";
import { stateLine } from "../messages.js";
import { isOver } from "../state.js";

/** Problems that may be over when the same file is sent again. */
const PASSING = [
  "offline",
  "upload_stalled",
  "interrupted",
  "queue_full",
  "too_many_requests",
  "too_many_unfinished",
  "disk_full",
  "tagging_failed",
  "internal",
];

export function createStatus(store, { onCancel, onDismiss, onRetry, announce }) {
  byId("cancel").addEventListener("click", onCancel);
  byId("dismiss").addEventListener("click", onDismiss);
  byId("retry").addEventListener("click", onRetry);

  store.render([(s) => s.name], ({ name }) => {
    setText(byId("song-name"), name);
    setAttribute(byId("song-name"), "title", name); // where there is no room for all of it
    document.title = name ? `${name} · Timbre` : "Timbre";
  });
  store.render([(s) => s.song, (s) => s.upload], (state) => announce("state", showState(state)));
  // Nothing to see or to hear: only the problem is left.
  store.render([(s) => s.song, (s) => s.segments], ({ song, segments }) => {
    document.body.toggleAttribute("data-nothing", song?.state === "failed" && !segments.length);
  });
  store.render([(s) => s.problem, (s) => s.file], showProblem);
  store.render([(s) => s.connected, (s) => s.song?.state], ({ connected, song }) => {
    byId("offline").hidden = connected || !song || isOver(song);
  });
}

/** @returns the phase, in the words for an announcement */
function showState({ song, upload }) {
  const { phase, text, fraction } = stateLine({ song, upload });
  setText(byId("state"), text);
  setAttribute(byId("state"), "data-state", song?.state ?? (upload ? "uploading" : ""));
  const bar = byId("progress");
  bar.hidden = isOver(song) || !phase;
  // Without a value the bar shows that something goes on, and claims no more.
  setAttribute(bar, "value", fraction);
  byId("cancel").hidden = !phase || isOver(song);
  return phase;
}

function showProblem({ problem, file }) {
  byId("problem").hidden = problem === null;
  setAttribute(byId("problem"), "data-code", problem?.code ?? null);
  setText(byId("problem-message"), problem?.message ?? "");
  setText(byId("problem-hint"), problem?.hint ?? "");
  byId("retry").hidden = !(file && PASSING.includes(problem?.code));
}
