import assert from "node:assert/strict";
import { test } from "node:test";
import { createLive } from "../../static/js/live.js";
import { FakeSocket, segment } from "./helpers.js";

function follow(id, later) {
  const socket = new FakeSocket();
  const heard = { songs: [], segments: [], problems: [], connection: [] };
  const live = createLive(socket, {
    onSong: ({ id, state }) => heard.songs.push(`${id} ${state}`),
    onSegment: (row) => heard.segments.push(row.index),
    onProblem: (error) => heard.problems.push(error.code),
    onConnection: (connected) => heard.connection.push(connected),
  }, later);
  live.follow(id);
  return { socket, live, heard };
}

test("subscribes from the start and acknowledges every segment", () => {
  const { socket } = follow("s");
  socket.receive("segment", { song_id: "s", ...segment(0) });
  socket.receive("segment", { song_id: "s", ...segment(1) });
  assert.deepEqual(socket.sent, [
    ["subscribe", { song_id: "s", after: -1 }],
    ["ack", { song_id: "s", index: 0 }],
    ["ack", { song_id: "s", index: 1 }],
  ]);
});

test("after a broken connection it goes on behind the last index it holds", () => {
  const { socket, heard } = follow("s");
  for (const i of [0, 1, 2]) socket.receive("segment", { song_id: "s", ...segment(i) });
  socket.drop();
  socket.sent = [];
  socket.connect();
  assert.deepEqual(socket.sent, [["subscribe", { song_id: "s", after: 2 }]]);
  assert.deepEqual(heard.connection, [true, false, true]);
});

test("a server that cannot be reached from the start is told of, too", () => {
  const { socket, heard } = follow("s");
  socket.drop();
  socket.receive("connect_error", new Error("websocket error"));
  assert.deepEqual(heard.connection, [true, false, false]);
});

test("who was sent away knocks again after a while, if a song is still open", () => {
  const waiting = [];
  const { socket, live } = follow("s", (again) => waiting.push(again));
  const sendAway = () => {
    socket.active = false;
    socket.drop();
  };
  sendAway();
  waiting.shift()();
  assert.equal(socket.connected, true);
  sendAway();
  live.unfollow();
  waiting.shift()();
  assert.equal(socket.connected, false);
});

test("what belongs to another song is neither shown nor acknowledged", () => {
  const { socket, live, heard } = follow("old");
  live.follow("new");
  socket.sent = [];
  socket.receive("segment", { song_id: "old", ...segment(5) });
  socket.receive("song", { id: "old" });
  socket.receive("problem", { song_id: "old", error: { code: "internal" } });
  socket.receive("problem", { song_id: null, error: { code: "bad_request" } });
  assert.deepEqual([heard.segments, heard.songs, heard.problems, socket.sent], [[], [], ["bad_request"], []]);
});

test("all segments are heard again without leaving the song", () => {
  const { socket, live } = follow("s");
  socket.receive("segment", { song_id: "s", ...segment(0) });
  socket.sent = [];
  live.refollow("other");
  live.refollow("s");
  assert.deepEqual(socket.sent, [["subscribe", { song_id: "s", after: -1 }]]);
});

test("a song that was deleted while the page was not connected is cancelled", () => {
  const { socket, heard } = follow("s");
  socket.receive("problem", { song_id: "s", error: { code: "bad_request" } });
  socket.receive("problem", { song_id: null, error: { code: "not_found" } });
  assert.deepEqual([heard.songs, heard.problems], [[], ["bad_request", "not_found"]]);
  socket.receive("problem", { song_id: "s", error: { code: "not_found" } });
  assert.deepEqual([heard.songs, heard.problems.length], [["s cancelled"], 2]);
});

test("leaving a song tells the server", () => {
  const { socket, live } = follow("s");
  live.unfollow();
  assert.deepEqual(socket.sent.at(-1), ["unsubscribe", { song_id: "s" }]);
  socket.drop();
  socket.sent = [];
  socket.connect();
  assert.deepEqual(socket.sent, []);
});

test("a microphone begins a song, with the server's id or the server's refusal", async () => {
  const { socket, live } = follow("s");
  const answers = [{ song_id: "m" }, { error: { code: "queue_full", message: "Too many.", hint: "Wait." } }];
  const asked = [];
  socket.timeout = () => ({ emitWithAck: async (...sent) => (asked.push(sent), answers.shift()) });
  const options = { sample_rate_hz: 48_000, keep: false };
  assert.equal(await live.startMicrophone(options), "m");
  assert.deepEqual(asked, [["live_start", options]]);
  await assert.rejects(live.startMicrophone(options), { code: "queue_full", message: "Too many." });
  socket.timeout = () => ({ emitWithAck: () => Promise.reject(new Error("operation has timed out")) });
  await assert.rejects(live.startMicrophone(options), { code: "offline" });
  assert.deepEqual(socket.sent.at(-1), ["live_stop", undefined]); // the server may begin after all
});
