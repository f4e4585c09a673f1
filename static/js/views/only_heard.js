/** Where a song has few instruments, the others can be folded away, so that all of its own are seen at once. */

import { byId, setAttribute } from "../dom.js";
import { heardAnywhere } from "../heard.js";
import { createKept } from "../kept.js";
import { moveStop } from "./instrument_row.js";

/** @param readRows `() => rows` of the list, see makeRow */
export function createOnlyHeard(store, readRows, kept = createKept("only-heard", false)) {
  const list = byId("instruments");
  const button = byId("only-heard");
  let on = kept.read();

  function fold({ segments, labels }) {
    const heard = heardAnywhere(segments, labels);
    const isFolding = on && heard.includes(true); // with nothing heard there would be nothing to see
    const rows = readRows();
    rows.forEach(({ item }, i) => {
      item.hidden = isFolding && !heard[i];
    });
    for (const family of list.children) family.hidden = !family.querySelector(".row:not([hidden])");
    keepStop(rows.filter(({ item }) => !item.hidden));
  }

  /** The Tab key finds the list also where the row that it stopped at has gone. */
  function keepStop(shown) {
    if (shown.length && !shown.some(({ name }) => name.tabIndex === 0)) moveStop(list, shown[0].name);
  }

  button.addEventListener("click", () => {
    on = !on;
    kept.write(on);
    setAttribute(button, "aria-pressed", on);
    fold(store.get());
  });
  setAttribute(button, "aria-pressed", on);
  store.render([(s) => s.segments, (s) => s.labels, (s) => s.config], fold);
}
