/**
 * The words of the page. The server renders the page in the reader's language and names it in
 * `<html lang>`; scripts take the words of the same language, so none of them ever changes midway.
 *
 * To add a string:
 * 1. Put it under a new key into every file of static/locales, in that file's language, beside its
 *    kin. `{name}` stands for a value. A text that depends on a number is an object of plural forms
 *    (`{"one": "{count} song", "other": "{count} songs"}`) and is asked for with `count`.
 * 2. Say `t("area.key", { name: value })` in a script, `{{ t("area.key") }}` in the template. Write the key
 *    out, so that it can be found; only families of keys are put together (`t(`error.${code}.hint`)`).
 * 3. A number given as a value is written the language's way; sizes and lengths of time come from
 *    words.js. Text is never glued together from pieces: word order is the translator's.
 *
 * tests/js/i18n.test.js holds the files to each other, to the template and to the scripts.
 */

const TAGS = { en: "en-GB", de: "de-DE" };

export const language = globalThis.document?.documentElement.lang || "en";
/** For `Intl`: how numbers, dates and lists are written. */
export const locale = TAGS[language];

const file = await import(`../locales/${language}.json`, { with: { type: "json" } });
const words = file.default;
const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? numbers.format(value) : value;
  });
}

/** The text under this key with its values in place. */
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return fill(typeof text === "string" ? text : text[plurals.select(values.count)], values);
}

/** `{code, message, hint}` of a problem that only the browser can see. */
export function browserProblem(code) {
  return { code, message: t(`error.${code}.message`), hint: t(`error.${code}.hint`) };
}

/** A problem as the server tells it, in this language: the server's own words in English, else those of its code. */
export function localProblem(problem) {
  const isKnown = `error.${problem.code}.message` in words;
  return language === "en" || !isKnown ? problem : browserProblem(problem.code);
}

/** Rows of `GET /api/labels` under the names of this language. */
export function nameLabels(labels) {
  return labels.map((label) => ({ ...label, name: words[`instrument.${label.id}`] ?? label.name }));
}

/** The families of `GET /api/config` under the names of this language. */
export function nameFamilies(families) {
  return families.map((family) => ({ ...family, name: words[`family.${family.id}`] ?? family.name }));
}
