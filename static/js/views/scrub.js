/** Clicking and dragging on a strip of time. */

import { timeOfX } from "../time.js";

/**
 * Call `seek(time_s)` when a person points at a moment.
 *
 * A mouse seeks as it is pressed. A finger may be about to scroll the page, so it seeks when it
 * slides sideways or is lifted; the browser takes the pointer away from a finger that scrolls.
 */
export function onScrub(strip, readView, seek) {
  let held = false;

  const seekTo = (event) => {
    const box = strip.getBoundingClientRect();
    seek(timeOfX(readView(), box.width, event.clientX - box.left));
  };
  strip.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = true;
    strip.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") seekTo(event);
  });
  strip.addEventListener("pointermove", (event) => held && seekTo(event));
  strip.addEventListener("pointerup", (event) => {
    if (held && event.pointerType !== "mouse") seekTo(event);
    held = false;
  });
  strip.addEventListener("pointercancel", () => {
    held = false;
  });
}
