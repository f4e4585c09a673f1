/**
 * The stretch of song that is shown, `{start_s, end_s}`: zoomed, scrolled, kept with the playhead.
 *
 * Every function gives a view inside the song, which is `length_s` long.
 */

import { clamp } from "./time.js";

const NARROWEST_S = 2;
const TURN_TO = 0.08; // where the playhead stands when the page has been turned, of the width

export const spanOf_s = (view) => view.end_s - view.start_s;

function placed(start_s, span_s, length_s) {
  const within_s = Math.min(Math.max(span_s, NARROWEST_S), length_s);
  const from_s = clamp(start_s, 0, length_s - within_s);
  return { start_s: from_s, end_s: from_s + within_s };
}

export function isWhole(view, length_s) {
  return view.start_s <= 0 && view.end_s >= length_s;
}

export function holds(view, time_s) {
  return time_s >= view.start_s && time_s <= view.end_s;
}

/** From one moment to the other, in either order. */
export function between(one_s, other_s, length_s) {
  return placed(Math.min(one_s, other_s), Math.abs(other_s - one_s), length_s);
}

/** `factor` times as much song, with `anchor_s` staying where it is on the screen. */
export function zoomed(view, factor, anchor_s, length_s) {
  const span_s = clamp(spanOf_s(view) * factor, Math.min(NARROWEST_S, length_s), length_s);
  const share = (anchor_s - view.start_s) / spanOf_s(view);
  return placed(anchor_s - share * span_s, span_s, length_s);
}

export function scrolled(view, by_s, length_s) {
  return placed(view.start_s + by_s, spanOf_s(view), length_s);
}

/** Two fingers, whose moments were `times_s` when they touched, are now at `xs_px`: the song sticks to them. */
export function pinched(times_s, xs_px, width_px, length_s) {
  const perPixel_s = Math.abs((times_s[1] - times_s[0]) / (xs_px[1] - xs_px[0] || 1));
  const start_s = (times_s[0] + times_s[1] - (xs_px[0] + xs_px[1]) * perPixel_s) / 2;
  return placed(start_s, perPixel_s * width_px, length_s);
}

/**
 * The page turned when the playhead has left it; the same object where it has not.
 *
 * A `loop` that fits is shown as a whole, so that the page does not turn to and fro with it.
 */
export function turned(view, time_s, length_s, loop = null) {
  const span_s = spanOf_s(view);
  if (loop && holds(loop, time_s) && spanOf_s(loop) <= span_s) {
    if (holds(view, loop.start_s) && holds(view, loop.end_s)) return view;
    return placed((loop.start_s + loop.end_s - span_s) / 2, span_s, length_s);
  }
  return holds(view, time_s) ? view : placed(time_s - TURN_TO * span_s, span_s, length_s);
}

/** The same stretch when the song turns out to be of another length; the whole song stays the whole song. */
export function relengthened(view, before_s, length_s) {
  return isWhole(view, before_s) ? { start_s: 0, end_s: length_s } : placed(view.start_s, spanOf_s(view), length_s);
}
