/**
 * Arithmetic of time: song seconds, segments, and places on a picture.
 *
 * A `view` is the stretch of song that the lanes show: `{start_s, end_s}`. Widths and places are in
 * CSS pixels, or in device pixels where a canvas asks; the arithmetic is the same.
 */

const TICK_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** "1:05", or "1:02:05" from an hour on; a time that is not known is "–:––". */
export function formatClock(time_s) {
  if (!Number.isFinite(time_s)) return "–:––";
  const whole_s = Math.floor(Math.max(0, time_s));
  const seconds = String(whole_s % 60).padStart(2, "0");
  const minutes = Math.floor(whole_s / 60) % 60;
  const hours = Math.floor(whole_s / 3600);
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
  for (let t = Math.ceil(view.start_s / step_s) * step_s; t <= last_s; t += step_s) times.push(t);
  return times;
}

/**
 * How much song the lanes should show while its length is still being found out.
 *
 * Estimates wobble as bytes arrive. The view follows one only when it is clearly off, so that the
 * picture does not tremble; the decoded duration, once there, is final.
 */
export function viewEnd(current_s, { duration_s, estimate_s, known_s }) {
  if (duration_s) return duration_s;
  const wanted_s = Math.max(estimate_s ?? 0, known_s, 1);
  const outgrown = known_s > current_s;
  const clearlyOff = Math.abs(wanted_s - current_s) > 0.05 * current_s;
  return outgrown || clearlyOff ? wanted_s : current_s;
}
