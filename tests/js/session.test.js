import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../static/js/api.js";
import { createSession } from "../../static/js/session.js";
import { INITIAL } from "../../static/js/state.js";
import { createStore } from "../../static/js/store.js";
import { segment, settled } from "./helpers.js";

const CONFIG = { formats: ["mp3"], max_bytes: 1000, segment_s: 1 };
const FILE = { name: "<img src=x>.mp3", size: 500, type: "audio/mpeg" };
const PROGRESS = { tagged: 0, expected: null, fraction: null };
const songOf = (id, more = {}) => ({ id, name: FILE.name, state: "tagging", progress: PROGRESS, error: null, segments: [], ...more });

/** A session whose every request is answered by `answers`, and which writes down what it did. */
function start(answers = {}) {
  const store = createStore({ ...INITIAL, config: CONFIG });
  const did = [];
  let finish = {};
  const api = {
    createSong: async () => ({ id: "s1", upload_url: "/up" }),
    getSong: async (id) => songOf(id),
    deleteSong: async (id) => void did.push(`delete ${id}`),
    ...answers,
  };
  const note = (name) => (...values) => void did.push([name, ...values].join(" ").trim());
  const send = (_url, _file, onProgress) => {
    const done = new Promise((resolve, reject) => (finish = { resolve, reject, onProgress }));
    return { done, cancel: () => (did.push("cancel"), finish.resolve()) };
  };
  const player = { openLocal: note("play"), offer: () => {}, close: () => {}, duration_s: () => null };
  const live = { follow: note("follow"), unfollow: () => {} };
  const history = { pushState: (_s, _t, url) => did.push(`at ${url}`), replaceState: (_s, _t, url) => did.push(`now ${url}`) };
  const session = createSession({ store, api, upload: send, live, player, history });
  return { session, store, did, sending: () => finish };
}

test("a file is heard, announced, followed and sent, and the address leads to it", async () => {
  const { session, store, did, sending } = start();
  const opened = session.openFile(FILE);
  await settled();
  sending().onProgress(250);
  assert.deepEqual(store.get().upload, { loaded_bytes: 250, total_bytes: 500 });
  sending().resolve();
  await opened;
  assert.deepEqual(did, ["play [object Object]", "at /songs/s1", "follow s1"]);
  assert.deepEqual([store.get().upload, store.get().song.id, store.get().screen], [null, "s1", "song"]);
});

test("a file over the limit is refused and nothing is asked of the server", async () => {
  const { session, store, did } = start();
  await session.openFile({ ...FILE, size: 1001 });
  assert.deepEqual([store.get().problem.code, store.get().screen, did], ["too_large", "start", []]);
});

test("cancelling stops the upload and deletes the song", async () => {
  const { session, store, did } = start();
  session.openFile(FILE);
  await settled();
  await session.remove();
  assert.deepEqual(did.slice(3), ["cancel", "at /", "delete s1"]);
  assert.deepEqual([store.get().screen, store.get().song, store.get().problem], ["start", null, null]);
});

test("a song created after its page was left is deleted", async () => {
  let create;
  const { session, did } = start({ createSong: () => new Promise((resolve) => (create = resolve)) });
  const opened = session.openFile(FILE);
  session.goHome();
  create({ id: "late", upload_url: "/up" });
  await opened;
  assert.deepEqual(did.slice(1), ["at /", "delete late"]);
});

test("two songs opened quickly do not mix", async () => {
  const answers = {};
  const { session, store } = start({ getSong: (id) => new Promise((resolve) => (answers[id] = () => resolve(songOf(id, { segments: [segment(0)] })))) });
  session.openSong("first");
  session.openSong("second");
  answers.second();
  answers.first();
  await settled();
  assert.equal(store.get().song.id, "second");
});

test("a failed upload is explained in the song's own words", async () => {
  const error = { code: "not_audio", message: "This file is not audio.", hint: "Choose another." };
  const { session, store, sending } = start({ getSong: async (id) => songOf(id, { state: "failed", error }) });
  const opened = session.openFile(FILE);
  await settled();
  sending().reject(new Problem({ code: "offline", message: "The server cannot be reached.", hint: "" }));
  await opened;
  assert.deepEqual([store.get().problem, store.get().upload], [error, null]);
});

test("a server that takes no more songs says so on the first screen", async () => {
  const full = new Problem({ code: "queue_full", message: "Too many songs are waiting.", hint: "Later." });
  const { session, store } = start({ createSong: async () => Promise.reject(full) });
  await session.openFile(FILE);
  assert.deepEqual([store.get().problem.code, store.get().screen], ["queue_full", "start"]);
});

test("a song that fails while it is being sent stops the upload", async () => {
  const { session, store, did } = start();
  session.openFile(FILE);
  await settled();
  session.onSong(songOf("s1", { state: "failed", error: { code: "too_long", message: "Too long.", hint: "" } }));
  assert.ok(did.includes("cancel"));
  assert.equal(store.get().problem.code, "too_long");
});

test("a link restores the song with its rows; a dead link leads home with the reason", async () => {
  const rows = [segment(0), segment(1)];
  const { session, store, did } = start({
    getSong: async (id) => {
      if (id === "gone") throw new Problem({ code: "not_found", message: "There is no such song.", hint: "" });
      return songOf(id, { state: "done", duration_s: 1.6, segments: rows });
    },
  });
  await session.openSong("s1");
  assert.deepEqual([store.get().segments.length, store.get().view.end_s, did], [2, 1.6, ["follow s1"]]);
  await session.openSong("gone");
  assert.deepEqual([store.get().problem.code, store.get().screen, store.get().segments], ["not_found", "start", []]);
});

test("a song deleted elsewhere disappears here too", async () => {
  const { session, store, did } = start();
  await session.openSong("s1");
  session.onSong(songOf("s1", { state: "cancelled" }));
  assert.deepEqual([store.get().screen, store.get().problem.message, did.at(-1)], ["start", "This song was deleted.", "now /"]);
});
