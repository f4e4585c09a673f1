/** The whole song in a narrow lane, with the visible part as a window that can be moved and pulled. */

import { byId } from "../dom.js";
import { createLayer } from "../draw/canvas.js";
import { paintOverview } from "../draw/overview.js";
import { changedIndices, grainOf } from "../state.js";
import { onThemeChange, readTheme } from "../theme.js";
import { timeOfX } from "../time.js";
import { between, isWhole, scrolled } from "../viewport.js";
import { DRAG_PX } from "./gestures.js";
import { onWheel } from "./zoom.js";

/**
 * The view after dragging in the overview.
 *
 * @param part what was grabbed: "start" or "end" of the window, its "middle", or "outside" it
 * @param grabbed_s the moment that was pressed, `at_s` the one to which it was dragged
 */
export function draggedView(part, view, grabbed_s, at_s, length_s) {
  if (part === "start") return between(at_s, view.end_s, length_s);
  if (part === "end") return between(view.start_s, at_s, length_s);
  if (part === "middle") return scrolled(view, at_s - grabbed_s, length_s);
  return between(grabbed_s, at_s, length_s);
}

export function createOverview(store, actions, readRows) {
  const strip = byId("overview");
  let scene = {};
  const layer = createLayer(byId("overview-picture"), (...painting) => paintOverview(...painting, scene));

  function restyle() {
    const { segments, length_s, config } = store.get();
    const view = { start_s: 0, end_s: length_s };
    scene = { segments, view, grain: grainOf(config), rows: readRows(), theme: readTheme() };
    layer.redraw();
  }

  function addSegments(segments, before) {
    if (segments.length < before.length) return restyle();
    scene.segments = segments;
    layer.touch(changedIndices(before, segments));
  }

  function placeWindow({ view, length_s }) {
    const share = (time_s) => `${(100 * time_s) / length_s}%`;
    strip.classList.toggle("whole", isWhole(view, length_s));
    byId("window").style.left = share(view.start_s);
    byId("window").style.right = share(length_s - view.end_s);
  }

  store.render([(s) => s.length_s, (s) => s.labels, (s) => s.config, (s) => s.screen], restyle);
  store.watch((s) => s.segments, addSegments);
  store.render([(s) => s.view, (s) => s.length_s], placeWindow);
  store.render([(s) => s.time_s, (s) => s.length_s], ({ time_s, length_s }) => {
    byId("overview-playhead").style.transform = `translateX(${(100 * time_s) / length_s}%)`;
  });
  new ResizeObserver(restyle).observe(strip);
  onThemeChange(restyle);
  onDrags(store, strip, actions);
  const whole = () => ({ start_s: 0, end_s: store.get().length_s });
  strip.addEventListener("wheel", (event) => onWheel(event, strip, whole(), actions), { passive: false });
}

function onDrags(store, strip, actions) {
  let drag = null; // {part, view, grabbed_s, x_px, moved}

  const timeOf = (event) => {
    const box = strip.getBoundingClientRect();
    return timeOfX({ start_s: 0, end_s: store.get().length_s }, box.width, event.clientX - box.left);
  };
  strip.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const { view, length_s } = store.get();
    const part = event.target.dataset.part ?? "outside";
    strip.setPointerCapture(event.pointerId);
    // A window that holds all of the song cannot be moved: pulling in it opens a smaller one.
    const isAll = part === "middle" && isWhole(view, length_s);
    drag = { part: isAll ? "outside" : part, view, grabbed_s: timeOf(event), x_px: event.clientX, moved: false };
  });
  strip.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.moved ||= Math.abs(event.clientX - drag.x_px) >= DRAG_PX;
    if (drag.moved) actions.show(draggedView(drag.part, drag.view, drag.grabbed_s, timeOf(event), store.get().length_s), false);
  });
  strip.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) actions.seek(timeOf(event));
    drag = null;
  });
  strip.addEventListener("pointercancel", () => {
    drag = null;
  });
}
