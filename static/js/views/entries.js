/** The picture of instruments by time as a table: every entry, from when to when, and how surely. */

import { byId, element, setAttribute, setText } from "../dom.js";
import { locale, t } from "../i18n.js";
import { paced } from "../pace.js";
import { intervalsOf } from "../summary.js";
import { takeHue } from "../theme.js";
import { formatClock } from "../time.js";
import { percent } from "../words.js";

const GAP_MS = 500; // between two tables, while segments pour in

const BY = {
  name: (a, b) => a.label.name.localeCompare(b.label.name, locale) || a.start_s - b.start_s,
  start_s: (a, b) => a.start_s - b.start_s,
  end_s: (a, b) => a.end_s - b.end_s,
  confidence: (a, b) => a.confidence - b.confidence,
};

/** The entries by one of `BY`'s columns; equal ones stay in their order either way. */
export function sortedEntries(entries, { by, descending }) {
  const compare = BY[by];
  return entries.toSorted(descending ? (a, b) => compare(b, a) : compare);
}

export function createEntries(store, seek) {
  const details = byId("entries");
  const heads = [...details.querySelectorAll("[data-sort]")];
  let order = { by: "start_s", descending: false };

  function fill() {
    if (!details.open) return;
    const { segments, labels } = store.get();
    const entries = sortedEntries(intervalsOf(segments, labels), order);
    setText(byId("entries-count"), t("entries.count", { count: entries.length }));
    byId("entries-rows").replaceChildren(...entries.map(makeRow));
    for (const head of heads) setAttribute(head, "aria-sort", sortOf(head, order));
  }

  function sortBy(by) {
    order = { by, descending: order.by === by && !order.descending };
    fill();
  }

  const fillSoon = paced(fill, GAP_MS);
  store.watch((s) => s.segments, fillSoon);
  store.watch((s) => s.labels, fillSoon);
  details.addEventListener("toggle", fill);
  for (const head of heads) head.addEventListener("click", () => sortBy(head.dataset.sort));
  byId("entries-rows").addEventListener("click", ({ target }) => {
    const link = target.closest("[data-time-s]");
    if (link) seek(Number(link.dataset.timeS));
  });
}

function sortOf(head, { by, descending }) {
  if (head.dataset.sort !== by) return "none";
  return descending ? "descending" : "ascending";
}

function makeRow({ label, start_s, end_s, confidence }) {
  const row = element("tr", {}, [
    element("th", { scope: "row" }, [element("span", { class: "dot", "aria-hidden": "true" }), label.name]),
    element("td", {}, [timeLink(start_s)]),
    element("td", {}, [timeLink(end_s)]),
    element("td", { class: "number" }, [percent(confidence)]),
  ]);
  takeHue(row, label.family);
  return row;
}

function timeLink(time_s) {
  return element("button", { type: "button", class: "link", "data-time-s": time_s }, [formatClock(time_s)]);
}
