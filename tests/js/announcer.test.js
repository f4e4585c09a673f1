import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnnouncer } from "../../static/js/announcer.js";

test("announcements keep their distance, the latest is not lost, nothing is said twice", () => {
  let now_ms = 0;
  const timers = [];
  const said = [];
  const options = { now: () => now_ms, later: (f, wait_ms) => timers.push([f, wait_ms]) };
  const announce = createAnnouncer((text) => said.push([now_ms, text]), 2000, options);
  announce("Piano");
  now_ms = 500;
  announce("Cello");
  announce("Flute");
  assert.equal(timers.length, 1);
  now_ms += timers[0][1];
  timers[0][0]();
  now_ms = 9000;
  announce("Flute");
  assert.deepEqual(said, [[0, "Piano"], [2000, "Flute"]]);
});
