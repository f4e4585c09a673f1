/**
 * The songs that were uploaded from this browser: `{id, name, expires_at}`, the latest first.
 *
 * Kept here alone and sent nowhere. Who switches it off leaves no list behind.
 */

import { createKept } from "./kept.js";

const MOST_SONGS = 50;

/** The list with this song at its head, or in its place where it is in the list already. */
export function withSong(songs, song) {
  const known = songs.some(({ id }) => id === song.id);
  if (known) return songs.map((one) => (one.id === song.id ? song : one));
  return [song, ...songs].slice(0, MOST_SONGS);
}

export function withoutSong(songs, id) {
  return songs.filter((song) => song.id !== id);
}

/** Without those whose time is over; `now_s` in Unix seconds. One without an end stays. */
export function unexpired(songs, now_s) {
  return songs.filter(({ expires_at }) => expires_at === null || expires_at > now_s);
}

/** The list in the store's `songbook`, `{on, songs}`, and in this browser. */
export function createSongbook(store, kept = createKept("songs", { on: true, songs: [] }), now_s = () => Date.now() / 1000) {
  function keep(songs, on = store.get().songbook.on) {
    const songbook = { on, songs: on ? unexpired(songs, now_s()) : [] };
    store.update({ songbook });
    kept.write(songbook);
  }

  /** The list as another tab may have left it. */
  const latest = () => kept.read().songs;

  const { on, songs } = kept.read();
  store.update({ songbook: { on, songs: unexpired(songs, now_s()) } });
  return {
    add: (song) => keep(withSong(latest(), song)),
    /** What the server tells of a song, if it is one of ours. */
    update({ id, name, expires_at }) {
      if (latest().some((song) => song.id === id)) keep(withSong(latest(), { id, name, expires_at }));
    },
    remove: (id) => keep(withoutSong(latest(), id)),
    switchTo: (isOn) => keep(isOn ? latest() : [], isOn),
  };
}
