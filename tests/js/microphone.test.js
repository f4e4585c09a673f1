import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../static/js/api.js";
import { SPAN_S, createMicrophone, latest } from "../../static/js/microphone.js";
import { microphoneProblem } from "../../static/js/recorder.js";
import { INITIAL, NEW_SONG } from "../../static/js/state.js";
import { createStore } from "../../static/js/store.js";
import { segment, settled } from "./helpers.js";

const rows = (n) => Array.from({ length: n }, (_, i) => segment(i));

test("the latest second is shown, at the right once there is more than fits", () => {
  assert.deepEqual(latest([]), { length_s: SPAN_S, view: { start_s: 0, end_s: SPAN_S }, time_s: 0 });
  assert.deepEqual(latest(rows(4)), { length_s: SPAN_S, view: { start_s: 0, end_s: SPAN_S }, time_s: 3.5 });
  assert.deepEqual(latest(rows(50), 8).view, { start_s: 42, end_s: 50 });
  assert.deepEqual(latest(rows(3), 8).view, { start_s: 0, end_s: 8 });
  assert.deepEqual(latest(rows(50)), { length_s: 50, view: { start_s: 50 - SPAN_S, end_s: 50 }, time_s: 49.5 });
});

test("what the browser throws becomes what to do", () => {
  assert.equal(microphoneProblem(new DOMException("no", "NotAllowedError")).code, "microphone_denied");
  assert.equal(microphoneProblem(new DOMException("no", "NotFoundError")).code, "no_microphone");
});

/** A microphone whose server and device write down what they are told. */
function set({ device = {}, refuse = null, granted, answered } = {}) {
  const store = createStore(INITIAL);
  const told = [];
  const problems = [];
  let given = null;
  let opened = 0;
  const openRecorder = async (handlers) => {
    await granted;
    if (device.refused) throw new Problem({ code: "microphone_denied" });
    given = handlers;
    const stop = async () => (handlers.onPiece("last"), void told.push("closed"));
    return { sample_rate_hz: 48_000, level: () => 0.5, stop };
  };
  const live = {
    startMicrophone: async ({ sample_rate_hz, keep }) => {
      await answered;
      if (refuse) throw refuse;
      told.push(`start ${sample_rate_hz} ${keep}`);
      return "s";
    },
    say: (piece) => told.push(`say ${piece}`),
    stopMicrophone: () => told.push("stop"),
    unfollow: () => told.push("unfollow"),
  };
  const session = {
    ticket: () => opened,
    discard: ({ id }) => told.push(`discard ${id}`),
    openLive: ({ id, keep }) => store.update({ song: { ...NEW_SONG, id }, live: { on: true, keep }, ...latest([]) }),
    fitView: () => store.update({ length_s: store.get().segments.length }),
  };
  const microphone = createMicrophone({ store, session, live, openRecorder, onProblem: ({ code }) => problems.push(code) });
  return { store, told, problems, microphone, device: () => given, openAnother: () => (opened += 1) };
}

test("pieces go to the server from the time that it listens until after the last one", async () => {
  const { store, told, microphone, device } = set();
  await microphone.start(true);
  device().onPiece("first");
  store.update({ segments: rows(2) });
  assert.equal(store.get().time_s, 1.5);
  assert.equal(microphone.level(), 0.5);
  await Promise.all([microphone.stop(), microphone.stop()]);
  assert.deepEqual(told, ["start 48000 true", "say first", "say last", "closed", "stop"]);
  assert.deepEqual(store.get().live, { on: false, keep: true });
  assert.deepEqual(store.get().view, { start_s: 0, end_s: 2 });
  assert.equal(microphone.level(), 0);
  device().onPiece("late");
  assert.equal(told.length, 5);
});

test("who presses twice gets one microphone", async () => {
  const { told, microphone } = set();
  await Promise.all([microphone.start(false), microphone.start(false)]);
  await microphone.start(false);
  assert.deepEqual(told, ["start 48000 false"]);
});

test("a listener who looks elsewhere is left there", async () => {
  const { store, microphone } = set();
  await microphone.start(false);
  const view = { start_s: 3, end_s: 9 };
  store.update({ follow: false, view });
  store.update({ segments: rows(40) });
  assert.equal(store.get().view, view);
  assert.equal(store.get().length_s, 40);
});

test("a server that ends the song, or a page that leaves it, ends the microphone", async () => {
  for (const patch of [{ song: { id: "s", state: "done" } }, { live: null }]) {
    const { store, told, microphone } = set();
    await microphone.start(false);
    store.update(patch);
    await settled();
    assert.ok(told.includes("closed"));
    assert.ok(!told.includes("say last"));
    assert.ok(!store.get().live?.on);
  }
});

test("after the longest time no piece is sent whose answer would hide why", async () => {
  const { store, told, microphone, device } = set();
  await microphone.start(false);
  store.update({ problem: { code: "bad_request" } });
  device().onPiece("heard");
  store.update({ problem: { code: "too_long" } });
  device().onPiece("late");
  await settled();
  assert.deepEqual(told, ["start 48000 false", "say heard", "closed", "stop"]);
  assert.equal(store.get().live.on, false);
});

test("who leaves while the last piece is awaited is not followed by it", async () => {
  const { store, told, microphone } = set();
  await microphone.start(false);
  const stopped = microphone.stop();
  store.update({ live: null });
  await stopped;
  assert.ok(!told.includes("stop"));
  assert.equal(store.get().live, null);
});

test("a microphone that comes late, when another song is open, is given back and no song is made of it", async () => {
  const expected = { granted: ["closed"], answered: ["start 48000 false", "stop", "discard s", "closed"] };
  for (const late of ["granted", "answered"]) {
    let come;
    const { store, told, microphone, device, openAnother } = set({ [late]: new Promise((resolve) => (come = resolve)) });
    const started = microphone.start(false);
    await settled();
    openAnother();
    come();
    await started;
    device().onPiece("late");
    assert.deepEqual([told, store.get().live], [expected[late], null]);
  }
});

test("without a connection there is nobody to listen, and what was not to be kept is gone", async () => {
  for (const keep of [false, true]) {
    const { store, told, problems, microphone } = set();
    await microphone.start(keep);
    store.update({ connected: false });
    await settled();
    assert.deepEqual(problems, ["microphone_lost"]);
    assert.equal(told.includes("unfollow"), !keep);
    assert.equal(store.get().song.state, keep ? "uploading" : "cancelled");
    assert.equal(store.get().live.on, false);
    assert.ok(!told.includes("say last"));
  }
});

test("what was not to be kept goes with the connection, also when the microphone is off", async () => {
  for (const state of ["tagging", "done"]) {
    const { store, told, problems, microphone } = set();
    await microphone.start(false);
    await microphone.stop();
    store.update({ song: { id: "s", state } });
    store.update({ connected: false });
    assert.deepEqual([told.at(-1), problems], ["unfollow", []]);
    assert.equal(store.get().song.state, state === "done" ? "done" : "cancelled");
  }
});

test("a microphone or a server that refuses is told, and nothing stays on", async () => {
  const refused = set({ device: { refused: true } });
  await refused.microphone.start(false);
  assert.deepEqual([refused.problems, refused.told], [["microphone_denied"], []]);
  const busy = set({ refuse: new Problem({ code: "queue_full" }) });
  await busy.microphone.start(false);
  assert.deepEqual([busy.problems, busy.told], [["queue_full"], ["closed"]]);
  assert.equal(busy.store.get().live, null);
});
