import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../static/js/api.js";
import { createDisplay } from "../../static/js/display.js";
import { createKept } from "../../static/js/kept.js";
import { createSession } from "../../static/js/session.js";
import { createSongbook } from "../../static/js/songbook.js";
import { INITIAL } from "../../static/js/state.js";
import { createStore } from "../../static/js/store.js";
import { FakeStorage, segment, settled } from "./helpers.js";

const CONFIG = { formats: ["mp3"], max_bytes: 1000, segment_s: 1, spectrogram: { width_px: 100 } };
const FILE = { name: "<img src=x>.mp3", size: 500, type: "audio/mpeg" };
const PROGRESS = { tagged: 0, expected: null, fraction: null };
const songOf = (id, more = {}) => ({ id, name: FILE.name, state: "tagging", progress: PROGRESS, error: null, labels: [], segments: [], ...more });

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
  const live = { follow: note("follow"), refollow: note("refollow"), unfollow: () => {} };
  const history = { pushState: (_s, _t, url) => did.push(`at ${url}`), replaceState: (_s, _t, url) => did.push(`now ${url}`) };
  const storage = new FakeStorage();
  const display = createDisplay(store, createKept("display", {}, storage));
  const songbook = createSongbook(store, createKept("songs", { on: true, songs: [] }, storage), () => 0);
  const session = createSession({ store, display, songbook, api, upload: send, live, player, history });
  return { session, store, songbook, did, sending: () => finish };
}

test("a file is heard, announced, followed and sent, and the address leads to it", async () => {
  const { session, store, did, sending } = start();
  const opened = session.openFile(FILE);
  await settled();
  sending().onProgress(250);
  assert.deepEqual(store.get().upload, { loaded_bytes: 250, total_bytes: 500, left_s: null });
  assert.equal(store.get().file, FILE);
  sending().resolve();
  await opened;
  assert.deepEqual(did, ["play [object Object]", "at /songs/s1", "follow s1"]);
  const { upload, file, song, screen, songbook } = store.get();
  assert.deepEqual([upload, file, song.id, screen], [null, null, "s1", "song"]);
  assert.deepEqual(songbook.songs, [{ id: "s1", name: FILE.name, expires_at: null }]);
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

test("who waits can tell whether another song was opened or left meanwhile", async () => {
  const { session } = start();
  const ticket = session.ticket();
  await session.openFile({ ...FILE, size: 1001 });
  assert.equal(session.ticket(), ticket);
  session.goHome();
  assert.notEqual(session.ticket(), ticket);
});

test("a failed upload is explained in the song's own words", async () => {
  const error = { code: "not_audio", message: "This file is not audio.", hint: "Choose another." };
  const { session, store, sending } = start({ getSong: async (id) => songOf(id, { state: "failed", error }) });
  const opened = session.openFile(FILE);
  await settled();
  sending().reject(new Problem({ code: "offline", message: "The server cannot be reached.", hint: "" }));
  await opened;
  assert.deepEqual([store.get().problem, store.get().upload, store.get().songbook.songs], [error, null, []]);
});

test("a finished song stays, whether the answer to its last bytes is late or broken", async () => {
  const offline = new Problem({ code: "offline", message: "The server cannot be reached.", hint: "" });
  for (const answer of [null, (id) => songOf(id, { state: "done" })]) {
    const { session, store, did, sending } = start({ getSong: async (id) => answer?.(id) ?? Promise.reject(offline) });
    const opened = session.openFile(FILE);
    await settled();
    if (!answer) session.onSong(songOf("s1", { state: "done" }));
    sending().reject(offline);
    await opened;
    assert.deepEqual([store.get().song.state, store.get().problem, store.get().file], ["done", null, null]);
    assert.ok(!did.includes("delete s1"));
  }
  const late = start();
  late.session.openFile(FILE);
  await settled();
  late.session.onSong(songOf("s1", { state: "done", expires_at: 86400 }));
  late.session.goHome();
  assert.ok(!late.did.includes("delete s1"));
  assert.deepEqual(late.store.get().songbook.songs.map(({ id }) => id), ["s1"]);
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

test("a file that did not get through is sent again as a new song", async () => {
  const ids = ["s1", "s2"];
  const { session, store, did, sending } = start({
    createSong: async () => ({ id: ids.shift(), upload_url: "/up" }),
    getSong: async () => Promise.reject(new Problem({ code: "offline", message: "", hint: "" })),
  });
  const opened = session.openFile(FILE);
  await settled();
  sending().reject(new Problem({ code: "offline", message: "The server cannot be reached.", hint: "" }));
  await opened;
  assert.deepEqual([store.get().problem.code, store.get().file], ["offline", FILE]);
  const again = session.retry();
  await settled();
  sending().resolve();
  await again;
  assert.deepEqual([store.get().song.id, store.get().problem, store.get().file], ["s2", null, null]);
  assert.ok(did.includes("delete s1"));
  assert.deepEqual(store.get().songbook.songs.map(({ id }) => id), ["s2"]);
});

test("the list of songs follows the server: it learns when each ends, and forgets what is gone", async () => {
  const { session, store } = start({ getSong: async () => Promise.reject(new Problem({ code: "not_found", message: "", hint: "" })) });
  session.openFile(FILE);
  await settled();
  session.onSong(songOf("s1", { state: "done", name: FILE.name, expires_at: 86400 }));
  assert.deepEqual(store.get().songbook.songs, [{ id: "s1", name: FILE.name, expires_at: 86400 }]);
  session.onSong(songOf("other", { expires_at: 5 }));
  assert.equal(store.get().songbook.songs.length, 1);
  await session.openSong("s1");
  assert.deepEqual(store.get().songbook.songs, []);
});

test("a song that the server would not delete stays in the list, and the reason is told", async () => {
  const down = new Problem({ code: "offline", message: "The server cannot be reached.", hint: "" });
  const { session, store } = start({ deleteSong: async () => Promise.reject(down) });
  session.openFile(FILE);
  await settled();
  await session.erase("s1");
  assert.deepEqual([store.get().problem.code, store.get().songbook.songs.length], ["offline", 1]);
});

test("of several files one is opened, and that is said", async () => {
  const { session, store } = start();
  session.openFile(FILE, 2);
  await settled();
  assert.deepEqual([store.get().problem.code, store.get().name], ["one_at_a_time", FILE.name]);
});

test("a song that another model tagged is shown with that model's labels, the next one with its own", async () => {
  const [mine, theirs] = [[{ id: "a", name: "A" }], [{ id: "b", name: "B" }, { id: "a", name: "A" }]];
  const { session, store } = start({
    getSong: async (id) => songOf(id, { labels: id === "old" ? ["b", "a"] : ["a"] }),
    getLabels: async (id) => (id === "old" ? theirs : assert.fail()),
  });
  store.update({ modelLabels: mine, labels: mine });
  await session.openSong("old");
  assert.deepEqual(store.get().labels, theirs);
  await session.openSong("new");
  assert.equal(store.get().labels, mine);
});

test("a server that comes back with another model sends all rows again, under its own names", async () => {
  const [mine, theirs] = [[{ id: "a", name: "A" }], [{ id: "b", name: "B" }, { id: "a", name: "A" }]];
  const { session, store, did } = start({
    getSong: async (id) => songOf(id, { model: "old", labels: ["a"], segments: [segment(0), segment(1)] }),
    getLabels: async () => theirs,
  });
  store.update({ modelLabels: mine, labels: mine });
  await session.openSong("s1");
  session.onSong(songOf("s1", { model: "old", labels: ["a"] }));
  await settled();
  assert.deepEqual([store.get().segments.length, did], [2, ["follow s1"]]);
  for (let i = 0; i < 2; i += 1) session.onSong(songOf("s1", { model: "new", labels: ["b", "a"] }));
  await settled();
  assert.deepEqual([store.get().segments, store.get().labels, did], [[], theirs, ["follow s1", "refollow s1"]]);
  session.onSong(songOf("s1", { model: "newer", labels: ["b", "a"] }));
  await settled();
  assert.deepEqual([did.length, store.get().song.model], [3, "newer"]);
});

test("labels that cannot be had are asked for again, and come to no other song", async () => {
  const theirs = [{ id: "b", name: "B" }];
  const asked = [];
  const { session, store } = start({ getLabels: () => new Promise((resolve, reject) => asked.push({ resolve, reject })) });
  await session.openSong("s1");
  session.onSong(songOf("s1", { labels: ["b"] }));
  asked[0].reject(new Problem({ code: "offline" }));
  await settled();
  session.onSong(songOf("s1", { labels: ["b"] }));
  session.goHome();
  asked[1].resolve(theirs);
  await settled();
  assert.deepEqual(store.get().labels, []);
});
