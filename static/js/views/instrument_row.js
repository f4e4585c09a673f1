/** A row of the list of instruments, and the family it stands in. */

import { element } from "../dom.js";
import { t } from "../i18n.js";
import { takeHue } from "../theme.js";

const hidden = (name, children = []) => element("span", { class: name, "aria-hidden": "true" }, children);

/** `{label, item, name, value, digit}`: the row, the button in it, and the two texts that change. */
export function makeRow(label, index) {
  const value = element("span", { class: "value" });
  const digit = hidden("digit");
  const name = element("button", {
    class: "name",
    type: "button",
    tabindex: index === 0 ? "0" : "-1",
    title: t("entry.next", { name: label.name }),
  }, [label.name]);
  if (label.experimental) name.append(element("span", { class: "asterisk" }, ["*"]));
  const meter = hidden("meter", [hidden("fill"), hidden("mark")]);
  const parts = [digit, hidden("dot"), name, meter, makeEntryButtons(label), value];
  return { label, name, value, digit, item: element("li", { "data-label": label.id, class: "row" }, parts) };
}

/** For the mouse; keys have the name itself, with Shift for the entry before. */
function makeEntryButtons({ name }) {
  const make = (kind, title) => element("button", { class: kind, type: "button", tabindex: "-1", title, "aria-label": title });
  const previous = make("previous", t("entry.previous", { name }));
  return element("span", { class: "entries" }, [previous, make("next", t("entry.next", { name }))]);
}

/** One stop of the Tab key for the whole list; the arrows go on from there. */
export function moveStop(list, next) {
  for (const name of list.querySelectorAll("button.name")) name.tabIndex = name === next ? 0 : -1;
}

export function makeFamily(family, rows) {
  if (!rows.length) return null;
  const heading = element("h3", { class: "family-name" }, [family.name]);
  const group = element("section", { class: "family" }, [heading, element("ul", {}, rows.map((row) => row.item))]);
  takeHue(group, family.id);
  return group;
}
