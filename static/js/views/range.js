/** The loop on the lanes: chosen by dragging along the axis or with Shift, moved by its two handles. */

import { byId, setAttribute } from "../dom.js";
import { t } from "../i18n.js";
import { withEnd } from "../loop.js";
import { timeOfX } from "../time.js";
import { positionText } from "../words.js";

const NUDGE_S = 0.1;
const STRIDE_S = 1;
const MOVES = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

export function createRange(store, actions) {
  const button = byId("loop-button");
  button.addEventListener("click", () => actions.loop());
  store.render([(s) => s.loop, (s) => s.playable], ({ loop, playable }) => {
    button.disabled = !playable;
    setAttribute(button, "aria-pressed", loop !== null);
  });
  createHandle(store, byId("loop-start"), "start_s");
  createHandle(store, byId("loop-end"), "end_s");
}

function createHandle(store, handle, end) {
  const plots = byId("plots");

  function moveTo(time_s) {
    const { loop, length_s } = store.get();
    if (loop) store.update({ loop: withEnd(loop, end, time_s, length_s) });
  }

  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the lanes do not seek
    handle.focus();
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = plots.getBoundingClientRect();
    moveTo(timeOfX(store.get().view, box.width, event.clientX - box.left));
  });
  handle.addEventListener("keydown", (event) => {
    const direction = MOVES[event.key];
    if (!direction) return;
    event.preventDefault();
    moveTo(store.get().loop[end] + direction * (event.shiftKey ? STRIDE_S : NUDGE_S));
  });
  store.render([(s) => s.loop, (s) => s.length_s], ({ loop, length_s }) => {
    if (!loop) return;
    setAttribute(handle, "aria-valuemax", length_s);
    setAttribute(handle, "aria-valuenow", loop[end].toFixed(1));
    setAttribute(handle, "aria-valuetext", positionText(loop[end], length_s));
  });
}
