import assert from "node:assert/strict";
import { test } from "node:test";
import { createSong, exportUrl, fetchFile, getSong } from "../../static/js/api.js";

test("an export carries the threshold only where one was chosen", () => {
  assert.equal(exportUrl("a/b", "csv", null), "/api/songs/a%2Fb/export?format=csv");
  assert.equal(exportUrl("x", "json", 0.4), "/api/songs/x/export?format=json&threshold=0.4");
});

/** Answer the next request with this status and body; `null` is a server that cannot be reached. */
function answer(t, status, body) {
  t.mock.method(globalThis, "fetch", async () => {
    if (status === null) throw new TypeError("failed to fetch");
    return new Response(body, { status });
  });
}

test("a failure speaks in the server's words", async (t) => {
  answer(t, 429, '{"error": {"code": "queue_full", "message": "Too many songs are waiting.", "hint": "h"}}');
  await assert.rejects(createSong("a.mp3", 5), { code: "queue_full", message: "Too many songs are waiting.", hint: "h" });
});

test("an answer that cannot be read, and a server that cannot be reached, are told apart", async (t) => {
  answer(t, 502, "<html>");
  await assert.rejects(getSong("s"), { code: "internal", message: /502/ });
  answer(t, null);
  await assert.rejects(getSong("s"), { code: "offline" });
});

test("the example becomes a file like any other", async (t) => {
  answer(t, 200, "abc");
  const file = await fetchFile({ url: "/static/example/song.mp3", name: "Example.mp3" });
  assert.deepEqual([file.name, file.size, await file.text()], ["Example.mp3", 3, "abc"]);
});
