/**
 * What a person can do with songs: open a file, open a link, cancel, delete, leave.
 *
 * Every step of a song's life ends in the store; the views only look there.
 */

import { BROWSER_PROBLEMS } from "./messages.js";
import { Problem } from "./api.js";
import { refusal } from "./limits.js";
import { INITIAL, NEW_SONG, NO_SONG } from "./state.js";
import { createArrivals } from "./arrivals.js";

const songUrl = (id) => `/songs/${encodeURIComponent(id)}`;

/**
 * @param parts `{store, api, upload, live, player, history}`; `live` is `{follow, unfollow}`
 */
export function createSession({ store, api, upload, live, player, history }) {
  const arrivals = createArrivals({ store, player, onFailed: stopSending, onCancelled: gone });
  let sending = null; // the upload on its way
  let opened = 0; // grows with every song opened or left, so that a late answer knows it is late

  function fail(problem) {
    store.update({ problem: Problem.plain(problem) });
  }

  function stopSending() {
    sending?.cancel();
    sending = null;
  }

  function show(patch) {
    opened += 1;
    if (sending) api.deleteSong(store.get().song.id).catch(() => {}); // half a song is of no use
    stopSending();
    live.unfollow();
    player.close();
    store.update({ ...NO_SONG, problem: null, ...patch });
    return opened;
  }

  function leave() {
    show({ screen: INITIAL.screen });
  }

  function goHome() {
    history.pushState(null, "", "/");
    leave();
  }

  async function openFile(file) {
    const { config } = store.get();
    const refused = config ? refusal(file, config) : BROWSER_PROBLEMS.offline;
    if (refused) return fail(refused);
    const upload = { loaded_bytes: 0, total_bytes: file.size };
    const ticket = show({ screen: "song", name: file.name, upload });
    player.openLocal(file);
    try {
      const created = await api.createSong(file.name, file.size);
      if (ticket !== opened) return await api.deleteSong(created.id);
      history.pushState(null, "", songUrl(created.id));
      store.update({ song: { ...NEW_SONG, id: created.id, name: file.name } });
      live.follow(created.id);
      await send(created, file, ticket);
    } catch (problem) {
      if (ticket === opened) await explain(problem);
    }
  }

  async function send({ upload_url }, file, ticket) {
    const total_bytes = file.size;
    sending = upload(upload_url, file, (loaded_bytes) => {
      if (ticket === opened) store.update({ upload: { loaded_bytes, total_bytes } });
    });
    await sending.done;
    if (ticket !== opened) return;
    sending = null;
    store.update({ upload: null });
  }

  /** Show why a song did not get through: in its own words where the server has some. */
  async function explain(problem) {
    const { song } = store.get();
    sending = null;
    store.update({ upload: null });
    if (!song) leave();
    const latest = song && (await api.getSong(song.id).catch(() => null));
    if (song && store.get().song?.id !== song.id) return;
    if (latest?.error) arrivals.onSong(latest);
    else fail(problem);
  }

  async function openSong(id) {
    const ticket = show({ screen: "song" });
    try {
      const song = await api.getSong(id);
      if (ticket !== opened) return;
      arrivals.onSegments(song.segments);
      arrivals.onSong(song);
      live.follow(id);
    } catch (problem) {
      if (ticket !== opened) return;
      leave();
      fail(problem);
    }
  }

  function gone() {
    history.replaceState(null, "", "/");
    leave();
    fail(BROWSER_PROBLEMS.gone);
  }

  /** Take the song away, here and on the server; also the way to cancel an upload. */
  async function remove() {
    const { song } = store.get();
    stopSending();
    goHome();
    if (song) await api.deleteSong(song.id).catch(fail);
  }

  return { ...arrivals, openFile, openSong, remove, goHome, leave };
}
