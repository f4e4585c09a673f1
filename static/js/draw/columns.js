/** From segments to columns of pixels, also where several segments share one. */

import { spanOf, timeOfX, xOfTime } from "../time.js";

/**
 * The columns to draw for these segments, null for all: `{x0, x1, members}`.
 *
 * In a long song on a narrow screen a pixel holds several seconds. They are drawn together, so that
 * none hides another; each group comes once.
 */
export function columnsOf(segments, indices, view, width_px) {
  const columns = new Map();
  for (const index of indices ?? segments.keys()) {
    const segment = segments[index];
    if (!segment) continue;
    const [x0, x1] = spanOf(view, width_px, segment.start_s, segment.end_s);
    if (columns.has(x0)) continue;
    columns.set(x0, { x0, x1, members: sharing(segments, index, x0, view, width_px) });
  }
  return [...columns.values()];
}

function sharing(segments, index, x0, view, width_px) {
  const sameColumn = (segment) => segment && Math.floor(xOfTime(view, width_px, segment.start_s)) === x0;
  let first = index;
  while (sameColumn(segments[first - 1])) first -= 1;
  const members = [];
  for (let i = first; sameColumn(segments[i]); i += 1) members.push(segments[i]);
  return members;
}

/** The greatest probability of a label in a group of segments. */
export function highest(members, label) {
  return Math.max(...members.map((segment) => segment.probabilities[label]));
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
