/**
 * Arithmetic of time: song seconds, segments, and places on a picture.
 *
 * A `view` is the stretch of song that the lanes show: `{start_s, end_s}`. Widths and places are in
 * CSS pixels, or in device pixels where a canvas asks; the arithmetic is the same.
 */

import { locale } from "./i18n.js";

const TICK_STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

const TINY = 1e-6; // what binary fractions may be off
/** By the number of decimals. */
const SECONDS = [0, 1].map(
  (decimals) => new Intl.NumberFormat(locale, { minimumIntegerDigits: 2, minimumFractionDigits: decimals }),
);

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/**
 * "1:05", "1:05.5" with a decimal, or "1:02:05" from an hour on; a time that is not known is "–:––".
 *
 * As on any clock, what has not gone by yet does not count: 9.99 s is "0:09".
 */
export function formatClock(time_s, decimals = 0) {
  if (!Number.isFinite(time_s)) return "–:––";
  const unit = 10 ** decimals;
  const units = Math.floor(Math.max(0, time_s) * unit + TINY);
  const seconds = SECONDS[decimals].format((units % (60 * unit)) / unit);
  const minutes = Math.floor(units / unit / 60) % 60;
  const hours = Math.floor(units / unit / 3600);
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/**
 * The segment that holds this moment.
 *
 * The very end of the song belongs to its last segment, so that a song that has stopped still shows
 * what it stopped on. `duration_s` may be null, as long as it is not known.
 */
export function segmentIndexAt(time_s, duration_s, segment_s) {
  const index = Math.max(0, Math.floor(time_s / segment_s));
  if (!duration_s) return index;
  return Math.min(index, Math.max(0, Math.ceil(duration_s / segment_s) - 1));
}

export function xOfTime(view, width_px, time_s) {
  return ((time_s - view.start_s) / (view.end_s - view.start_s)) * width_px;
}

/** The moment at this place, never outside the view. */
export function timeOfX(view, width_px, x_px) {
  const fraction = clamp(x_px / width_px, 0, 1);
  return view.start_s + fraction * (view.end_s - view.start_s);
}

/** Whole pixels `[x0, x1)` that a stretch of time covers: at least one, and no gap to its neighbour. */
export function spanOf(view, width_px, start_s, end_s) {
  const x0 = Math.floor(xOfTime(view, width_px, start_s));
  const x1 = Math.floor(xOfTime(view, width_px, end_s));
  return [x0, Math.max(x1, x0 + 1)];
}

/** Round times for an axis, at least `gap_px` apart, and as far from the end that their words fit. */
export function ticks(view, width_px, gap_px) {
  const perPixel_s = (view.end_s - view.start_s) / Math.max(width_px, 1);
  const step_s = TICK_STEPS_S.find((step) => step >= gap_px * perPixel_s) ?? TICK_STEPS_S.at(-1);
  const last_s = view.end_s - 0.7 * gap_px * perPixel_s;
  const times = [];
  // Counted, not added up, so that the hundredth tenth of a second is still a round time.
  for (let n = Math.max(0, Math.ceil(view.start_s / step_s - TINY)); n * step_s <= last_s; n += 1) times.push(n * step_s);
  return times;
}

/** How many decimals it takes to tell these ticks apart. */
export function decimalsOf(times) {
  return times.length > 1 && times[1] - times[0] < 1 - TINY ? 1 : 0;
}

/**
 * How long to take the song for while its length is still being found out.
 *
 * Estimates wobble as bytes arrive. One is followed only when the length is clearly off, so that the
 * picture does not tremble; the decoded duration, once there, is final.
 */
export function songLength(current_s, { duration_s, estimate_s, known_s }) {
  if (duration_s) return duration_s;
  const wanted_s = Math.max(estimate_s ?? 0, known_s, 1);
  const outgrown = known_s > current_s;
  const clearlyOff = Math.abs(wanted_s - current_s) > 0.05 * current_s;
  return outgrown || clearlyOff ? wanted_s : current_s;
}
