import assert from "node:assert/strict";
import { test } from "node:test";
import { createSong, exportUrl, fetchFile, getSong } from "../../static/js/api.js";

test("an export carries thresholds only where some were chosen, and only of labels that the song has", () => {
  const labels = [{ id: "piano" }, { id: "violin" }];
  const queryOf = (threshold) => new URL(exportUrl("x", "json", threshold, labels), "http://here").searchParams;
  assert.equal(exportUrl("a/b", "csv", { all: null, own: {} }, labels), "/api/songs/a%2Fb/export?format=csv");
  assert.deepEqual([...queryOf({ all: 0.4, own: {} })], [["format", "json"], ["threshold", "0.4"]]);
  const own = { violin: 0.2, kazoo: 0.3, piano: 0.9 };
  assert.equal(queryOf({ all: null, own }).get("thresholds"), "piano:0.9,violin:0.2");
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
