import assert from "node:assert/strict";
import { test } from "node:test";
import { upload } from "../../static/js/upload.js";
import { Emitter } from "./helpers.js";

const FILE = { name: "song.mp3", size: 500, type: "audio/mpeg" };

class FakeRequest extends Emitter {
  static last;
  upload = new Emitter();
  headers = {};

  constructor() {
    super();
    FakeRequest.last = this;
  }

  open(method, url) {
    Object.assign(this, { method, url });
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  send(body) {
    this.body = body;
  }

  abort() {
    this.fire("abort");
  }
}

test("an upload is one raw PUT with progress", async () => {
  const seen = [];
  const { done } = upload("/up", FILE, (bytes) => seen.push(bytes), FakeRequest);
  const request = FakeRequest.last;
  request.upload.fire("progress", { loaded: 70 });
  request.status = 200;
  request.fire("load");
  await done;
  assert.deepEqual([request.method, request.url, request.body, seen], ["PUT", "/up", FILE, [70]]);
});

test("a refused upload carries the server's words, also where they cannot be read", async () => {
  const answer = (status, responseText) => {
    const { done } = upload("/up", FILE, () => {}, FakeRequest);
    Object.assign(FakeRequest.last, { status, responseText }).fire("load");
    return done;
  };
  await assert.rejects(answer(413, '{"error": {"code": "too_large", "message": "The file is too large.", "hint": "h"}}'), { code: "too_large", hint: "h" });
  await assert.rejects(answer(502, "<html>"), { code: "internal", message: /502/ });
});

test("a cancelled upload is no error", async () => {
  const { done, cancel } = upload("/up", FILE, () => {}, FakeRequest);
  cancel();
  assert.equal(await done, undefined);
});
