/** Rules of the house that can be read off the files. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url).pathname;
const read = (path) => readFileSync(join(ROOT, path), "utf8");
const under = (folder, ending) =>
  readdirSync(join(ROOT, folder), { recursive: true }).filter((p) => p.endsWith(ending)).map((p) => join(folder, p));

const scripts = under("static/js", ".js");
const sheets = under("static/css", ".css");
const page = under("templates", ".html").map(read).join("\n");

test("text never becomes markup", () => {
  for (const path of scripts) {
    assert.doesNotMatch(read(path), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function/, path);
  }
});

test("nothing is inline, so that the strict content security policy can hold", () => {
  assert.doesNotMatch(page, /\sstyle=|\son[a-z]+=|<style|javascript:/);
  assert.doesNotMatch(page, /<script(?![^>]*\ssrc=)/);
  for (const path of scripts) assert.doesNotMatch(read(path), /setAttribute\(\s*"style"/, path);
});

test("the page asks no other server for anything", () => {
  for (const path of [...scripts, ...sheets]) assert.doesNotMatch(read(path), /https?:\/\//, path);
  assert.doesNotMatch(page, /https?:\/\//);
});

test("every module is read in one sitting", () => {
  for (const path of scripts) assert.ok(read(path).split("\n").length <= 151, path);
});

test("every element that a module asks for is on the page", () => {
  const ids = new Set([...page.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]));
  for (const path of scripts) {
    for (const [, id] of read(path).matchAll(/byId\("([^"]+)"\)/g)) assert.ok(ids.has(id), `${path}: #${id}`);
  }
});

test("every colour and size that a stylesheet uses is a token, or set by a module", () => {
  const set = [...sheets, ...scripts].map(read).join("\n");
  for (const path of sheets) {
    for (const [, name] of read(path).matchAll(/var\((--[a-z0-9-]+)/g)) {
      assert.ok(set.includes(`${name}:`) || set.includes(`"${name}"`), `${path}: ${name}`);
    }
    if (!path.endsWith("tokens.css")) assert.doesNotMatch(read(path), /#[0-9a-f]{6}\b/i, path);
  }
});

test("vendored files are what their table says", () => {
  const rows = [...read("static/vendor/VENDORED.md").matchAll(/^\| (\S+\.js) .*\| ([0-9a-f]{64}) \|$/gm)];
  assert.deepEqual(rows.map((row) => row[1]), under("static/vendor", ".js").map((p) => p.split("/").at(-1)));
  for (const [, name, sum] of rows) {
    assert.equal(createHash("sha256").update(readFileSync(join(ROOT, "static/vendor", name))).digest("hex"), sum);
  }
});
