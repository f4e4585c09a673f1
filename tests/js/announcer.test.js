import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnnouncer } from "../../static/js/announcer.js";

/** An announcer on a clock of its own: `pass(ms)` lets time go by. */
function start() {
  let now_ms = 0;
  let timers = [];
  const said = [];
  const later = (act, wait_ms) => timers.push({ act, at_ms: now_ms + wait_ms });
  const announce = createAnnouncer((text) => said.push([now_ms, text]), 2000, { now: () => now_ms, later });
  const pass = (ms) => {
    const until_ms = now_ms + ms;
    for (let due; (due = timers.find(({ at_ms }) => at_ms <= until_ms)); ) {
      timers = timers.filter((timer) => timer !== due);
      now_ms = due.at_ms;
      due.act();
    }
    now_ms = until_ms;
  };
  return { announce, pass, said };
}

test("announcements keep their distance, the latest is not lost, nothing is said twice", () => {
  const { announce, pass, said } = start();
  announce("now", "Piano");
  pass(500);
  announce("now", "Cello");
  announce("now", "Flute");
  pass(9000);
  announce("now", "Flute");
  pass(9000);
  assert.deepEqual(said, [[0, "Piano"], [2000, "Flute"]]);
});

test("a change of state goes before what is being heard, and both are said", () => {
  const { announce, pass, said } = start();
  announce("now", "Piano");
  announce("now", "Cello");
  announce("state", "Done");
  pass(9000);
  assert.deepEqual(said, [[0, "Piano"], [2000, "Done"], [4000, "Cello"]]);
});

test("what is over is not announced any more", () => {
  const { announce, pass, said } = start();
  announce("now", "Piano");
  announce("now", "Cello");
  announce("now", "");
  pass(9000);
  assert.deepEqual(said, [[0, "Piano"]]);
});
