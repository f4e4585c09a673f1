/**
 * What a person can do with songs: open a file, open a link, cancel, delete, leave.
 *
 * Every step of a song's life ends in the store; the views only look there.
 */

import { createArrivals } from "./arrivals.js";
import { browserProblem } from "./i18n.js";
import { labelsOf } from "./labels.js";
import { Problem } from "./api.js";
import { refusal } from "./limits.js";
import { latest } from "./microphone.js";
import { createSending } from "./sending.js";
import { INITIAL, NEW_SONG, NO_SONG, isOver } from "./state.js";

export const songUrl = (id) => `/songs/${encodeURIComponent(id)}`;

/**
 * @param parts `{store, display, songbook, api, upload, live, player, history}`; `live` is `{follow, refollow, unfollow}`
 */
export function createSession({ store, display, songbook, api, upload, live, player, history }) {
  const sending = createSending(store, upload);
  const arrivals = createArrivals({ store, display, songbook, api, live, player, onFailed: sending.stop, onCancelled: gone });
  let opened = 0; // grows with every song opened or left, so that a late answer knows it is late

  function fail(problem) {
    store.update({ problem: Problem.plain(problem) });
  }

  /** Half a song is of no use; where the server cannot be told, it finds out itself. */
  function discard({ id, state }) {
    if (state === "done") return; // whole, even where the answer to its last bytes was not heard
    songbook.remove(id);
    api.deleteSong(id).catch(() => {});
  }

  function show(patch) {
    opened += 1;
    if (sending.isBusy()) discard(store.get().song);
    sending.stop();
    live.unfollow();
    player.close();
    store.update({ ...NO_SONG, labels: store.get().modelLabels, file: null, problem: null, ...patch });
    return opened;
  }

  function leave() {
    show({ screen: INITIAL.screen });
  }

  function goHome() {
    history.pushState(null, "", "/");
    leave();
  }

  /** @param others how many files were dropped with it: one song is opened at a time */
  async function openFile(file, others = 0) {
    const { config } = store.get();
    const refused = config ? refusal(file, config) : browserProblem("offline");
    if (refused) return fail(refused);
    const upload = { loaded_bytes: 0, total_bytes: file.size, left_s: null };
    const ticket = show({ screen: "song", name: file.name, upload, file });
    player.openLocal(file);
    if (others) fail(browserProblem("one_at_a_time"));
    try {
      const created = await api.createSong(file.name, file.size);
      if (ticket !== opened) return await api.deleteSong(created.id);
      history.pushState(null, "", songUrl(created.id));
      store.update({ song: { ...NEW_SONG, id: created.id, name: file.name } });
      songbook.add({ id: created.id, name: file.name, expires_at: null });
      live.follow(created.id);
      if (await sending.send(created.upload_url, file)) store.update({ upload: null, file: null });
    } catch (problem) {
      if (ticket === opened) await explain(problem);
    }
  }

  /** Show why a song did not get through: in its own words where the server has some. */
  async function explain(problem) {
    const { song, file } = store.get();
    store.update({ upload: null });
    if (!song) show({ screen: INITIAL.screen, file });
    const latest = song && (await api.getSong(song.id).catch(() => null));
    if (song && store.get().song?.id !== song.id) return;
    if (isOver(latest)) arrivals.onSong(latest);
    else if (!isOver(store.get().song)) fail(problem);
  }

  /** Send the file that did not get through once more, as a new song. */
  async function retry() {
    const { file, song } = store.get();
    if (song) discard(song);
    await openFile(file);
  }

  /** Show a song that comes by the microphone. One that is not kept has no address to come back to. */
  function openLive({ id, name, keep }) {
    show({ screen: "song", name, song: { ...NEW_SONG, id, name }, live: { on: true, keep }, ...latest([]) });
    if (keep) {
      history.pushState(null, "", songUrl(id));
      songbook.add({ id, name, expires_at: null });
    }
    live.follow(id);
  }

  async function openSong(id) {
    const ticket = show({ screen: "song" });
    try {
      const song = await api.getSong(id);
      const labels = await labelsOf(song, store.get().modelLabels, api.getLabels);
      if (ticket !== opened) return;
      store.update({ labels });
      arrivals.onSegments(song.segments);
      arrivals.onSong(song);
      live.follow(id);
    } catch (problem) {
      if (ticket !== opened) return;
      if (problem.code === "not_found") songbook.remove(id);
      leave();
      fail(problem);
    }
  }

  function gone() {
    songbook.remove(store.get().song.id);
    history.replaceState(null, "", "/");
    leave();
    fail(browserProblem("gone"));
  }

  /** Take the song away, here and on the server; also the way to cancel an upload. */
  async function remove() {
    const { song } = store.get();
    sending.stop();
    goHome();
    if (song) await erase(song.id);
  }

  /** Delete a song on the server; it stays in the list of this browser only where that did not succeed. */
  async function erase(id) {
    try {
      await api.deleteSong(id);
    } catch (problem) {
      if (problem.code !== "not_found") return fail(problem);
    }
    songbook.remove(id);
  }

  return { ...arrivals, ticket: () => opened, openFile, openLive, openSong, remove, erase, discard, retry, goHome, leave };
}
