/** The state line with its bar, the name of the song, and problems. */

import { byId, setAttribute, setText } from "../dom.js";
import { stateLine } from "../messages.js";
import { isOver } from "../state.js";

export function createStatus(store, { onCancel, onDismiss }) {
  byId("cancel").addEventListener("click", onCancel);
  byId("dismiss").addEventListener("click", onDismiss);

  store.render([(s) => s.name], ({ name }) => {
    setText(byId("song-name"), name);
    document.title = name ? `${name} · Timbre` : "Timbre";
  });
  store.render([(s) => s.song, (s) => s.upload], showState);
  // Nothing to see or to hear: only the problem is left.
  store.render([(s) => s.song, (s) => s.segments], ({ song, segments }) => {
    document.body.toggleAttribute("data-nothing", song?.state === "failed" && !segments.length);
  });
  store.render([(s) => s.problem], ({ problem }) => showProblem(problem));
  store.render([(s) => s.connected, (s) => s.song?.state], ({ connected, song }) => {
    byId("offline").hidden = connected || !song || isOver(song);
  });
}

function showState({ song, upload }) {
  const { phase, text, fraction } = stateLine({ song, upload });
  setText(byId("state"), text);
  setAttribute(byId("state"), "data-state", song?.state ?? (upload ? "uploading" : ""));
  setText(byId("state-spoken"), phase);
  const bar = byId("progress");
  bar.hidden = isOver(song) || !phase;
  // Without a value the bar shows that something goes on, and claims no more.
  setAttribute(bar, "value", fraction);
  byId("cancel").hidden = !phase || isOver(song);
}

function showProblem(problem) {
  byId("problem").hidden = problem === null;
  setAttribute(byId("problem"), "data-code", problem?.code ?? null);
  setText(byId("problem-message"), problem?.message ?? "");
  setText(byId("problem-hint"), problem?.hint ?? "");
}
