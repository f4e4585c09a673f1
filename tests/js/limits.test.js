import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { limitsText, refusal } from "../../static/js/limits.js";

const CONFIG = { formats: ["wav", "mp3"], max_bytes: 10_000_000, max_duration_s: 1200 };
const file = (name, size = 1000, type = "") => ({ name, size, type });

test("the limits are told in words", () => {
  assert.equal(limitsText(CONFIG), "wav, mp3. At most 10 MB and 20 minutes.");
});

test("what cannot be uploaded is refused before a byte is sent, in the server's own words", () => {
  const serverWords = readFileSync(new URL("../../src/timbre/errors.py", import.meta.url), "utf8");
  const refused = [file("a.mp3", 0), file("a.mp3", 10_000_001), file("letter.txt")].map((f) => refusal(f, CONFIG));
  assert.deepEqual(refused.map((r) => r.code), ["empty_file", "too_large", "not_audio"]);
  for (const { code, message } of refused) assert.match(serverWords, new RegExp(`"${code}": Problem\\(\\s*"${message}"`));
});

test("what may be sound is let through: the server looks closer", () => {
  const fine = [file("A.MP3"), file("x.song", 5, "audio/mpeg"), file("noextension"), file("../../曲<img>.mp3"), file("a.mp3", 10_000_000)];
  assert.deepEqual(fine.map((f) => refusal(f, CONFIG)), [null, null, null, null, null]);
});
