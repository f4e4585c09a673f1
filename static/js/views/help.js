/** Every key, and what it does. */

import { byId, element } from "../dom.js";
import { t } from "../i18n.js";
import { KEYS } from "../keys.js";

export function createHelp() {
  byId("help-keys").append(...KEYS.map(makeRow));
}

function makeRow({ caps, message }) {
  const keys = caps.map((cap) => element("kbd", {}, [t(cap)]));
  return element("tr", {}, [element("th", { scope: "row" }, keys), element("td", {}, [t(message)])]);
}
