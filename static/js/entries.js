/** When instruments enter: the seconds in which one is heard and was not the second before. */

// Who asks for the entry before, just after one, means the one before that.
const GRACE_S = 1;
const NUMBERED = 9; // keys

/** @param label its index in the rows */
export function entryTimes(segments, label) {
  const starts = segments.filter((segment, i) => segment.heard[label] && !segments[i - 1]?.heard[label]);
  return starts.map((segment) => segment.start_s);
}

/** The first entry after this moment, else the first of all; null where there is none. */
export function nextEntry(times_s, time_s) {
  return times_s.find((start_s) => start_s > time_s) ?? times_s[0] ?? null;
}

export function previousEntry(times_s, time_s) {
  return times_s.findLast((start_s) => start_s < time_s - GRACE_S) ?? times_s.at(-1) ?? null;
}

/**
 * The labels' indices in the order in which they are first heard: the number on the key of each.
 *
 * While the song is being tagged new ones are added at the end, so a number once given stays.
 */
export function numberedLabels(segments) {
  const found = new Set();
  for (const segment of segments) {
    segment?.heard.forEach((heard, label) => heard && found.add(label));
    if (found.size >= NUMBERED) break;
  }
  return [...found].slice(0, NUMBERED);
}
