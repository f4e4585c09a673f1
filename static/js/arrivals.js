/** What the server tells of the open song, put into the store. */

import { localProblem } from "./i18n.js";
import { createModelCheck } from "./model_check.js";
import { isOver, knownEnd_s } from "./state.js";
import { songLength } from "./time.js";
import { relengthened } from "./viewport.js";

export function createArrivals({ store, display, songbook, api, live, player, onFailed, onCancelled }) {
  const checkModel = createModelCheck({ store, api, live });

  function onSong({ segments, ...song }) {
    if (song.state === "cancelled") return onCancelled();
    // A song that failed early needs none of the bytes that are still to come.
    if (song.state === "failed") onFailed();
    checkModel(song);
    const { upload, file, problem } = store.get();
    store.update({
      song,
      name: song.name,
      upload: isOver(song) ? null : upload,
      file: song.state === "done" ? null : file,
      problem: song.error ? localProblem(song.error) : problem,
    });
    if (song.state === "failed") songbook.remove(song.id);
    else songbook.update(song);
    fitView();
    player.offer(song.playback);
  }

  function onSegments(rows) {
    display.addRows(rows);
    fitView();
  }

  /** Keep up with how long the song is; who sees all of it goes on seeing all of it. */
  function fitView() {
    const { song, segments, view, length_s: before_s, live } = store.get();
    if (live?.on) return; // what is shown goes along with the microphone
    const length_s = songLength(before_s, {
      duration_s: song?.duration_s,
      estimate_s: song?.duration_estimate_s ?? player.duration_s(),
      known_s: knownEnd_s(segments),
    });
    if (length_s !== before_s) store.update({ length_s, view: relengthened(view, before_s, length_s) });
  }

  return { onSong, onSegments, fitView };
}
