import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { localProblem, nameLabels, t } from "../../static/js/i18n.js";

const ROOT = new URL("../../", import.meta.url).pathname;
const read = (path) => readFileSync(join(ROOT, path), "utf8");
const languages = readdirSync(join(ROOT, "static/locales")).map((name) => name.replace(".json", ""));
const words = Object.fromEntries(languages.map((code) => [code, JSON.parse(read(`static/locales/${code}.json`))]));
const under = (folder, ending) =>
  readdirSync(join(ROOT, folder), { recursive: true }).filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
const page = under("templates", ".html").map(read).join("\n");
const scripts = under("static/js", ".js").map((name) => ({
  name,
  code: read(name).replace(/^\s*\/\*[\s\S]*?\*\/|\/\/ .*/gm, ""),
}));

const textsOf = (text) => (typeof text === "string" ? [text] : Object.values(text));
const valuesOf = (text) => [...new Set(textsOf(text).join(" ").match(/\{\w+\}/g) ?? [])].sort();

test("every language has the same keys, with the same values in them, and no empty text", () => {
  for (const code of languages) {
    assert.deepEqual(Object.keys(words[code]), Object.keys(words.en), code);
    for (const [key, text] of Object.entries(words[code])) {
      assert.deepEqual(valuesOf(text), valuesOf(words.en[key]), `${code} ${key}`);
      assert.ok(textsOf(text).every((one) => one.trim()), `${code} ${key}`);
    }
  }
});

test("a text that depends on a number has every form of its language", () => {
  for (const code of languages) {
    const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories.toSorted();
    for (const [key, text] of Object.entries(words[code])) {
      if (typeof text === "object") assert.deepEqual(Object.keys(text).toSorted(), forms, `${code} ${key}`);
    }
  }
});

test("every key that is asked for exists, and every key is asked for", () => {
  const sources = [page, read("src/timbre/app/page.py"), ...scripts.map(({ code }) => code)].join("\n");
  const asked = [...sources.matchAll(/\bt\(\s*"([^"]+)"/g)].map((match) => match[1]);
  for (const key of asked) assert.ok(key in words.en, key);
  const families = [...sources.matchAll(/`([a-z_.]+\.)\$\{/g)].map((match) => match[1]);
  for (const key of Object.keys(words.en)) {
    const found = sources.includes(`"${key}"`) || families.some((start) => key.startsWith(start));
    assert.ok(found, `${key} is not used`);
  }
});

test("the template holds no words of its own, but for names", () => {
  const names = /Timbre|JSON|CSV|JAMS|WebVTT|Hz|F1/g;
  const own = page
    .replace(/\{[{%][\s\S]*?[%}]\}/g, " ")
    .replace(/\s(?:aria-label|alt|title|placeholder|content|label)="\s*"/g, " ");
  const told = [...own.matchAll(/\s(?:aria-label|alt|title|placeholder)="([^"]+)"/g)].map((match) => match[1]);
  assert.doesNotMatch([own.replace(/<[^>]*>/g, " "), ...told].join(" ").replace(names, ""), /[A-Za-z]{2,}/);
});

test("a script says nothing that cannot be translated", () => {
  const names = /^(Home|End|Enter|Escape|Tab|Delete|Shift|Files|Timbre)$/; // of keys, of what is dragged, our own
  for (const { name, code } of scripts) {
    for (const [, text] of code.matchAll(/["`]([^"`\n]*)["`]/g)) {
      if (!names.test(text)) assert.doesNotMatch(text, /^[A-Z][a-z]+ [a-z]|[a-z]{2,}\.$|^[A-Z][a-z]{2,}[.…:]?$/, `${name}: ${text}`);
    }
  }
});

test("a stylesheet says nothing at all", () => {
  for (const path of under("static/css", ".css")) assert.doesNotMatch(read(path), /content: "[^"]*[a-z]/i, path);
});

test("texts are set as a printer would: no straight quotes, no three dots, no hyphen for a dash", () => {
  for (const code of languages) {
    for (const [key, text] of Object.entries(words[code])) {
      assert.doesNotMatch(textsOf(text).join(" "), /["']|\.\.\.| - /, `${code} ${key}`);
    }
  }
});

test("values are written the language's way, and plural forms follow their number", () => {
  assert.equal(t("start.knows", { count: 1 }), "It knows 1 instrument. Others it cannot name.");
  assert.match(t("start.knows", { count: 1234 }), /^It knows 1,234 instruments/);
});

test("the server's own words stay; labels keep a name where this page has none", () => {
  const exact = { code: "too_long", message: "The recording is longer than 30 minutes.", hint: "Cut it." };
  assert.deepEqual(localProblem(exact), exact);
  assert.deepEqual(nameLabels([{ id: "theremin", name: "Theremin" }]), [{ id: "theremin", name: "Theremin" }]);
});
