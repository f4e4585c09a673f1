import assert from "node:assert/strict";
import { test } from "node:test";
import { createKept } from "../../static/js/kept.js";
import { createSongbook, unexpired, withSong, withoutSong } from "../../static/js/songbook.js";
import { INITIAL } from "../../static/js/state.js";
import { createStore } from "../../static/js/store.js";
import { FakeStorage } from "./helpers.js";

const songOf = (id, expires_at = null, name = id) => ({ id, name, expires_at });
const idsOf = (songs) => songs.map(({ id }) => id).join("");

function start(storage = new FakeStorage(), now_s = () => 0) {
  const store = createStore(INITIAL);
  const kept = createKept("songs", { on: true, songs: [] }, storage);
  return { store, storage, kept, songbook: createSongbook(store, kept, now_s) };
}

test("the latest song is first, one that is known keeps its place, and the list has an end", () => {
  const songs = withSong(withSong([], songOf("a")), songOf("b"));
  assert.equal(idsOf(songs), "ba");
  assert.deepEqual(withSong(songs, songOf("a", 5)), [songOf("b"), songOf("a", 5)]);
  assert.equal(idsOf(withoutSong(songs, "b")), "a");
  const many = Array.from({ length: 60 }, (_, i) => songOf(String(i))).reduce(withSong, []);
  assert.deepEqual([many.length, many[0].id], [50, "59"]);
});

test("a song whose time is over is gone from the list", () => {
  assert.equal(idsOf(unexpired([songOf("a", 10), songOf("b", 11), songOf("c")], 10)), "bc");
  const { songbook, storage } = start();
  songbook.add(songOf("a", 100));
  assert.equal(idsOf(start(storage, () => 99).store.get().songbook.songs), "a");
  assert.equal(idsOf(start(storage, () => 100).store.get().songbook.songs), "");
});

test("only songs of this browser are updated, never added by looking at them", () => {
  const { store, songbook } = start();
  songbook.add(songOf("a"));
  songbook.update(songOf("a", 7, "another name"));
  songbook.update(songOf("guest", 7));
  assert.deepEqual(store.get().songbook.songs, [songOf("a", 7, "another name")]);
});

test("switched off, nothing is kept and nothing is left behind", () => {
  const { store, songbook, kept } = start();
  songbook.add(songOf("a"));
  songbook.switchTo(false);
  songbook.add(songOf("b"));
  assert.deepEqual(store.get().songbook, { on: false, songs: [] });
  assert.deepEqual(kept.read(), { on: false, songs: [] });
  songbook.switchTo(true);
  songbook.add(songOf("c"));
  assert.equal(idsOf(store.get().songbook.songs), "c");
});

test("a second tab's song is not lost", () => {
  const { songbook, storage, store } = start();
  start(storage).songbook.add(songOf("a"));
  songbook.add(songOf("b"));
  assert.equal(idsOf(store.get().songbook.songs), "ba");
});
