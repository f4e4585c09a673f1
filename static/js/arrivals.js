/** What the server tells of the open song, put into the store. */

import { Problem } from "./api.js";
import { isOver, knownEnd_s, withSegments } from "./state.js";
import { viewEnd } from "./time.js";

export function createArrivals({ store, player, onFailed, onCancelled }) {
  function onSong({ segments, ...song }) {
    if (song.state === "cancelled") return onCancelled();
    // A song that failed early needs none of the bytes that are still to come.
    if (song.state === "failed") onFailed();
    const { upload, problem } = store.get();
    store.update({
      song,
      name: song.name,
      upload: isOver(song) ? null : upload,
      problem: song.error ? Problem.plain(song.error) : problem,
    });
    fitView();
    player.offer(song.playback);
  }

  function onSegments(rows) {
    store.update({ segments: withSegments(store.get().segments, rows) });
    fitView();
  }

  /** Show the whole song, as far as its length is known. */
  function fitView() {
    const { song, segments, view } = store.get();
    const end_s = viewEnd(view.end_s, {
      duration_s: song?.duration_s,
      estimate_s: song?.duration_estimate_s ?? player.duration_s(),
      known_s: knownEnd_s(segments),
    });
    if (end_s !== view.end_s) store.update({ view: { start_s: 0, end_s } });
  }

  return { onSong, onSegments, fitView };
}
