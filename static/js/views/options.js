/** The options of the picture, which wait behind a button where there is little room. */

import { byId, setAttribute } from "../dom.js";

export function createOptions() {
  const button = byId("options-open");
  const options = byId("options");
  button.addEventListener("click", () => {
    const isOpen = options.classList.toggle("open");
    setAttribute(button, "aria-expanded", isOpen);
    if (isOpen) options.scrollIntoView({ block: "nearest" });
  });
}
