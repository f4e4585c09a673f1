/**
 * What pointers mean on the lanes: seek, choose a stretch to loop, zoom with two fingers.
 *
 * A mouse seeks as it is pressed. A finger may be about to scroll the page, so it seeks when it
 * slides sideways or is lifted; the browser takes the pointer away from a finger that scrolls.
 */

import { timeOfX } from "../time.js";

export const DRAG_PX = 4; // what moves less than this is a click

/**
 * @param readView `() => view`
 * @param does `{seek(time_s), select(from_s, to_s), selected(), pinch(times_s, xs_px, width_px)}`; `select` at
 *   every step of the choice, `selected` when it is made
 * @param selects whether the press that this event begins chooses a stretch
 */
export function onGestures(strip, readView, { seek, select, selected, pinch }, selects) {
  const pressed = new Map(); // pointerId -> {x_px, time_s} where it was pressed
  let kind = null; // of the gesture going on: "seek", "select", "pinch", or "over" when a finger of a pinch is lifted

  function pointOf(event) {
    const box = strip.getBoundingClientRect();
    const x_px = event.clientX - box.left;
    return { x_px, time_s: timeOfX(readView(), box.width, x_px), width_px: box.width };
  }

  function begin(event) {
    if (event.button !== 0 || event.defaultPrevented) return;
    strip.setPointerCapture(event.pointerId);
    const point = pointOf(event);
    pressed.set(event.pointerId, { pressed: point, now: point });
    if (pressed.size === 2) kind = "pinch";
    else kind = selects(event) ? "select" : "seek";
    if (kind === "seek" && event.pointerType === "mouse") seek(point.time_s);
  }

  function move(event) {
    const own = pressed.get(event.pointerId);
    if (!own) return;
    own.now = pointOf(event);
    if (kind === "seek" && (event.pointerType === "mouse" || isDrag(own))) seek(own.now.time_s);
    if (kind === "select" && isDrag(own)) select(own.pressed.time_s, own.now.time_s);
    if (kind === "pinch") spread(own.now.width_px);
  }

  function spread(width_px) {
    const fingers = [...pressed.values()].slice(0, 2);
    pinch(fingers.map((one) => one.pressed.time_s), fingers.map((one) => one.now.x_px), width_px);
  }

  function end(event) {
    const own = pressed.get(event.pointerId);
    if (!own) return;
    if (kind === "select" && isDrag(own)) selected();
    else if (kind === "select" || (kind === "seek" && event.pointerType !== "mouse")) seek(pointOf(event).time_s);
    forget(event);
  }

  function forget(event) {
    pressed.delete(event.pointerId);
    if (!pressed.size) kind = null;
    else if (kind === "pinch") kind = "over";
  }

  strip.addEventListener("pointerdown", begin);
  strip.addEventListener("pointermove", move);
  strip.addEventListener("pointerup", end);
  strip.addEventListener("pointercancel", forget);
}

const isDrag = ({ pressed, now }) => Math.abs(now.x_px - pressed.x_px) >= DRAG_PX;
