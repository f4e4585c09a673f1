/** Dialogs: opened by whatever says `data-opens`, closed by their button, Escape, or a click beside them. */

import { byId } from "../dom.js";

/** @param onOpen by the id of a dialog, what to do before it is seen */
export function createDialogs(onOpen) {
  function open(id) {
    const dialog = byId(id);
    if (dialog.open) return;
    onOpen[id]?.();
    dialog.showModal();
    dialog.scrollTop = 0;
  }

  document.addEventListener("click", ({ target }) => {
    const opener = target.closest("[data-opens]");
    if (opener) return open(opener.dataset.opens);
    const isBackdrop = target.matches("dialog");
    if (isBackdrop || target.closest("dialog .close")) target.closest("dialog").close();
  });
  return { open };
}
