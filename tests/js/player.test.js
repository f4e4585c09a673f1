import assert from "node:assert/strict";
import { test } from "node:test";
import { createPlayer, mimeTypeOf, shouldUseServer } from "../../static/js/player.js";
import { FakeAudio, settled } from "./helpers.js";

const SONG = new File(["x"], "song.mp3", { type: "audio/mpeg" });
const SERVER = { url: "/api/songs/s/audio", exact: true, ready: true };

function start() {
  const audio = new FakeAudio();
  const said = { playable: [], playing: [], unplayable: 0 };
  const player = createPlayer(audio, {
    onPlayable: (value) => said.playable.push(value),
    onPlaying: (value) => said.playing.push(value),
    onUnplayable: () => (said.unplayable += 1),
  });
  return { audio, player, said };
}

test("the server's sound is taken where the copy is missing, broken or seeks badly", () => {
  const used = (source, change) => shouldUseServer(source, { ...SERVER, ...change });
  assert.equal(used("local", { exact: true }), false);
  assert.equal(used("local", { exact: null }), false);
  assert.equal(used("local", { exact: false }), true);
  assert.equal(used("local", { exact: false, ready: false }), false);
  assert.equal(used("none", {}), true);
  assert.equal(used("broken", {}), true);
  assert.equal(used("server", { exact: false }), false);
  assert.equal(shouldUseServer("none", null), false);
});

test("a dropped file plays at once from the browser's own copy", async () => {
  const { audio, player } = start();
  player.openLocal(SONG);
  assert.match(audio.src, /^blob:/);
  audio.ready(60);
  await settled();
  assert.equal(audio.paused, false);
});

test("a browser that waits to be asked can be asked, and a page without a song cannot", async () => {
  const { audio, player, said } = start();
  audio.fire("suspend");
  assert.deepEqual(said.playable, []);
  player.offer(SERVER);
  audio.fire("suspend");
  assert.deepEqual(said.playable, [true]);
  player.toggle();
  audio.ready(60);
  await settled();
  assert.equal(audio.paused, false);
});

test("the change to the server's sound goes on at the same place, and the clock does not jump", async () => {
  const { audio, player } = start();
  player.openLocal(SONG);
  audio.ready(60);
  audio.currentTime = 23.5;
  const seen = [];
  audio.addEventListener("emptied", () => seen.push(player.time_s()));
  player.offer({ ...SERVER, exact: false });
  assert.equal(audio.src, SERVER.url);
  assert.deepEqual([seen, player.time_s()], [[23.5], 23.5]);
  audio.ready(60.2);
  await settled();
  assert.deepEqual([audio.currentTime, audio.paused], [23.5, false]);
});

test("a song that was paused stays paused through the change", async () => {
  const { audio, player } = start();
  player.openLocal(SONG);
  audio.ready(60);
  await settled();
  audio.pause();
  player.offer({ ...SERVER, exact: false });
  audio.ready(60);
  await settled();
  assert.equal(audio.paused, true);
});

test("a copy that breaks is replaced by what the server offered earlier", () => {
  const { audio, player, said } = start();
  player.openLocal(SONG);
  player.offer(SERVER);
  assert.match(audio.src, /^blob:/);
  audio.fire("error");
  assert.equal(audio.src, SERVER.url);
  audio.fire("error");
  assert.equal(said.unplayable, 1);
});

test("a file this browser cannot play waits for the server's sound", () => {
  const { audio, player } = start();
  audio.playable = false;
  player.openLocal(SONG);
  assert.equal(audio.src, "");
  player.offer({ ...SERVER, ready: false });
  assert.equal(audio.src, "");
  player.offer(SERVER);
  assert.equal(audio.src, SERVER.url);
});

test("seeking stays inside the song, also while it is still loading", () => {
  const { audio, player } = start();
  player.openLocal(SONG);
  player.seek(12);
  audio.ready(60);
  assert.equal(audio.currentTime, 12);
  player.seek(99);
  assert.equal(audio.currentTime, 60);
  player.seek(-3);
  assert.equal(audio.currentTime, 0);
});

test("the type of a file without one is told by its name", () => {
  assert.equal(mimeTypeOf({ name: "A.FLAC", type: "" }), "audio/flac");
  assert.equal(mimeTypeOf({ name: "song", type: "" }), "");
});
