/** From segments to columns of pixels, also where several segments share one. */

import { clamp, spanOf, timeOfX, xOfTime } from "../time.js";

/** Indices `[first, end)` of the segments that the view shows a part of, whatever the song's length. */
export function visibleRange({ segments, view, grain }) {
  const first = Math.floor(view.start_s / grain.segment_s);
  const end = Math.ceil(view.end_s / grain.segment_s);
  return [clamp(first, 0, segments.length), clamp(end, 0, segments.length)];
}

/** The visible ones of these indices; all that are visible for null. */
export function visibleIndices(scene, indices) {
  const [first, end] = visibleRange(scene);
  if (indices !== null) return indices.filter((index) => index >= first && index < end);
  return Array.from({ length: end - first }, (_, i) => first + i);
}

/**
 * The visible columns of these segments, null for all: `{x0, x1, members}`, from left to right.
 *
 * In a long song on a narrow screen a pixel holds several seconds. They are drawn together, so that
 * none hides another; each group comes once.
 */
export function columnsOf(scene, indices, width_px) {
  const columns = new Map();
  for (const index of visibleIndices(scene, indices)) {
    const segment = scene.segments[index];
    if (!segment) continue;
    const [x0, x1] = spanOf(scene.view, width_px, segment.start_s, segment.end_s);
    if (columns.has(x0)) continue;
    columns.set(x0, { x0, x1, members: sharing(scene, index, x0, width_px) });
  }
  return [...columns.values()].sort((a, b) => a.x0 - b.x0);
}

function sharing({ segments, view }, index, x0, width_px) {
  const sameColumn = (segment) => segment && Math.floor(xOfTime(view, width_px, segment.start_s)) === x0;
  let first = index;
  while (sameColumn(segments[first - 1])) first -= 1;
  const members = [];
  for (let i = first; sameColumn(segments[i]); i += 1) members.push(segments[i]);
  return members;
}

/** Columns without a gap between them, as one: `{x0, x1}`. */
export function runsOf(columns) {
  const runs = [];
  for (const { x0, x1 } of columns) {
    const last = runs.at(-1);
    if (last && x0 <= last.x1) last.x1 = Math.max(last.x1, x1);
    else runs.push({ x0, x1 });
  }
  return runs;
}

/** The greatest probability of a label in a group of segments. */
export function highest(members, label) {
  let most = 0;
  for (const { probabilities } of members) if (probabilities[label] > most) most = probabilities[label];
  return most;
}

/** Whether a label is heard anywhere in a group of segments. */
export function isHeardIn(members, label) {
  return members.some(({ heard }) => heard[label]);
}

/** The loudest peak, 0 to 1, in the pixel column at `x_px`; 0 where nothing is known. */
export function peakAt({ segments, view, grain }, width_px, x_px) {
  const { segment_s, peaks_per_segment } = grain;
  const peak_s = segment_s / peaks_per_segment;
  const first = Math.floor(timeOfX(view, width_px, x_px) / peak_s);
  const end = Math.ceil(timeOfX(view, width_px, x_px + 1) / peak_s);
  let loudest = 0;
  for (let k = first; k < Math.max(end, first + 1); k += 1) {
    const peaks = segments[Math.floor(k / peaks_per_segment)]?.peaks;
    loudest = Math.max(loudest, peaks?.[k % peaks_per_segment] ?? 0);
  }
  return loudest;
}
