/**
 * What counts as heard: thresholds, and the listener's wish for calmer pictures.
 *
 * A segment arrives with one probability for every label. What is shown of it stands beside that:
 * `raw` is what the model said, `probabilities` what is drawn (the same, or an average over its
 * neighbours), `heard` whether each label counts. Exports know only the raw values.
 */

import { thresholdOf } from "./threshold.js";

/** Nothing smoothed, nothing left out: the model's own seconds. */
export const PLAIN = { average_s: 1, shortest_s: 1 };

/** The listener's wishes in segments: thresholds by label, neighbours on each side, the shortest run. */
export function rulesOf({ labels, threshold, smoothing }, segment_s) {
  return {
    thresholds: labels.map((label) => thresholdOf(label, threshold)),
    reach: Math.floor(smoothing.average_s / segment_s / 2),
    shortest: Math.max(1, Math.round(smoothing.shortest_s / segment_s)),
  };
}

/** A row as it arrived, with what the model said put in safety. */
export function withRaw(row) {
  return { ...row, raw: row.probabilities };
}

/** For every label, whether it is heard anywhere in the song. */
export function heardAnywhere(segments, labels) {
  return labels.map((_, label) => segments.some((segment) => segment?.heard[label]));
}

/** The mean over the neighbours that are there; at the ends of the song there are fewer. */
export function averaged(segments, index, reach) {
  const own = segments[index].raw;
  if (reach === 0) return own;
  const near = segments.slice(Math.max(0, index - reach), index + reach + 1).filter(Boolean);
  return own.map((_, label) => near.reduce((sum, { raw }) => sum + raw[label], 0) / near.length);
}

/** The same flags without the runs of true that are shorter than `shortest`. */
export function withoutShortRuns(flags, shortest) {
  const kept = flags.slice();
  for (let start = 0; start < kept.length; start += 1) {
    let end = start;
    while (flags[end]) end += 1;
    if (end - start < shortest) kept.fill(false, start, end);
    start = Math.max(start, end);
  }
  return kept;
}

/**
 * The segments with `probabilities` and `heard` as `rules` make them.
 *
 * Only those are worked out again that a change in `[from, to)` can reach; a segment that looks as
 * before stays the same object, so that it is not drawn again.
 */
export function displayed(segments, [from, to], rules) {
  const { thresholds, reach, shortest } = rules;
  const start = Math.max(0, from - reach - shortest);
  const end = Math.min(segments.length, to + reach + shortest);
  // A run that leads out of what is worked out is long enough, if it goes on for `shortest` there.
  const first = Math.max(0, start - shortest);
  const last = Math.min(segments.length, end + shortest);
  const smooth = [];
  for (let i = first; i < last; i += 1) smooth.push(segments[i] ? averaged(segments, i, reach) : null);
  const heard = thresholds.map((threshold, label) =>
    withoutShortRuns(smooth.map((row) => row !== null && row[label] >= threshold), shortest),
  );
  const shown = segments.slice();
  for (let i = start; i < end; i += 1) {
    if (segments[i]) shown[i] = dressed(segments[i], smooth[i - first], heard.map((flags) => flags[i - first]));
  }
  return shown;
}

function dressed(segment, probabilities, heard) {
  const same = (a, b) => a?.length === b.length && a.every((value, i) => value === b[i]);
  if (same(segment.heard, heard) && same(segment.probabilities, probabilities)) return segment;
  return { ...segment, probabilities, heard };
}
