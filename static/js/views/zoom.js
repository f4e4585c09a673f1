/** The ways to look about: buttons, wheel, pinch, and pointers on the lanes. */

import { byId, setAttribute } from "../dom.js";
import { createKept } from "../kept.js";
import { clamp, timeOfX } from "../time.js";
import { isWhole, pinched } from "../viewport.js";
import { onGestures } from "./gestures.js";

const BUTTONS = { "zoom-in": "zoomIn", "zoom-out": "zoomOut", "whole-song": "wholeSong", follow: "follow" };
const WHEEL_LINE_PX = 16;
const WHEEL_ZOOM = 0.008; // natural logarithm of the zoom a pixel of the wheel
const WHEEL_MOST_PX = 60; // of one turn, so that a coarse wheel does not leap

export function createZoom(store, actions) {
  const plots = byId("plots");
  const readView = () => store.get().view;

  for (const [id, action] of Object.entries(BUTTONS)) byId(id).addEventListener("click", () => actions[action]());
  store.render([(s) => s.view, (s) => s.length_s, (s) => s.follow], ({ view, length_s, follow }) => {
    const whole = isWhole(view, length_s);
    byId("whole-song").disabled = whole;
    byId("zoom-out").disabled = whole;
    byId("follow").disabled = whole;
    setAttribute(byId("follow"), "aria-pressed", follow);
  });

  function pinch(times_s, xs_px, width_px) {
    const { length_s } = store.get();
    actions.show(pinched(times_s, xs_px, width_px, length_s), false);
  }
  const does = { seek: actions.seek, select: actions.drawLoop, selected: actions.enterLoop, pinch };
  onGestures(plots, readView, does, (event) => event.shiftKey || event.target.closest("#axis") !== null);
  plots.addEventListener("wheel", (event) => onWheel(event, plots, readView(), actions), { passive: false });
  createGrey();
}

/** Sideways it scrolls, with Ctrl (which a pinch on a trackpad sends too) it zooms; up and down is the page's. */
export function onWheel(event, strip, view, { zoomBy, scrollBy }) {
  const unit_px = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE_PX : 1;
  const box = strip.getBoundingClientRect();
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    const turn_px = clamp(event.deltaY * unit_px, -WHEEL_MOST_PX, WHEEL_MOST_PX);
    zoomBy(Math.exp(turn_px * WHEEL_ZOOM), timeOfX(view, box.width, event.clientX - box.left));
  } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
    event.preventDefault();
    const along_px = (event.deltaX || event.deltaY) * unit_px;
    scrollBy((along_px / box.width) * (view.end_s - view.start_s));
  }
}

/** Some read shades of grey better than colours. */
function createGrey(kept = createKept("grey", false)) {
  const button = byId("grey");
  const show = (grey) => {
    byId("spectrogram").classList.toggle("grey", grey);
    setAttribute(button, "aria-pressed", grey);
  };
  show(kept.read());
  button.addEventListener("click", () => {
    const grey = button.getAttribute("aria-pressed") !== "true";
    show(grey);
    kept.write(grey);
  });
}
