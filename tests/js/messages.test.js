import assert from "node:assert/strict";
import { test } from "node:test";
import { keepingText, stateLine } from "../../static/js/messages.js";

test("the state line says what is known and no more", () => {
  const progress = { tagged: 12, expected: 124, fraction: 12 / 124 };
  const upload = { loaded_bytes: 4_000_000, total_bytes: 8_000_000 };
  const text = (song, sending = null) => stateLine({ song, upload: sending }).text;
  assert.equal(text(null, upload), "Uploading 50% of 8.0 MB");
  assert.equal(text({ state: "tagging", progress }, upload), "Uploading 50% of 8.0 MB, 12 of about 124 s tagged already");
  assert.equal(text({ state: "queued", queue_position: 3 }), "Waiting for its turn, number 3 in the queue");
  assert.equal(text({ state: "tagging", progress, duration_s: null }), "Tagging: 12 of about 124 s");
  assert.equal(text({ state: "tagging", progress, duration_s: 124 }), "Tagging: 12 of 124 s");
  assert.equal(text({ state: "tagging", progress: { tagged: 3, expected: null, fraction: null }, duration_s: null }), "Tagging: 3 s");
  assert.match(text({ state: "done", progress, warnings: ["truncated"] }), /ends in the middle/);
  assert.equal(text({ state: "failed", error: { message: "This file is not audio." } }), "Failed: This file is not audio.");
});

test("the bar shows a fraction only where there is one", () => {
  const fraction = (song) => stateLine({ song, upload: null }).fraction;
  assert.equal(fraction({ state: "decoding" }), null);
  assert.equal(fraction({ state: "tagging", progress: { tagged: 1, expected: 4, fraction: 0.25 } }), 0.25);
});

test("keeping and sharing are told with the date", () => {
  assert.match(keepingText(1_700_000_000), /Kept until .*2023.* Whoever has the link/);
  assert.doesNotMatch(keepingText(null), /until/);
});
