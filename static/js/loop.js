/** A stretch of song that is played over and over, `{start_s, end_s}`. */

import { clamp } from "./time.js";

const SHORTEST_S = 0.2;

/** Where to go on when the end of the loop has been played past, else null. */
export function wrapOf(before_s, now_s, loop) {
  return loop && before_s < loop.end_s && now_s >= loop.end_s ? loop.start_s : null;
}

/** The stretch between two moments in either order, inside the song and long enough to be heard. */
export function loopBetween(one_s, other_s, length_s) {
  const from_s = clamp(Math.min(one_s, other_s), 0, Math.max(0, length_s - SHORTEST_S));
  const to_s = clamp(Math.max(one_s, other_s), from_s + SHORTEST_S, Math.max(length_s, from_s + SHORTEST_S));
  return { start_s: from_s, end_s: to_s };
}

/** The loop with one of its ends, "start_s" or "end_s", moved; it does not pass the other. */
export function withEnd(loop, name, time_s, length_s) {
  if (name === "start_s") return { ...loop, start_s: clamp(time_s, 0, loop.end_s - SHORTEST_S) };
  return { ...loop, end_s: clamp(time_s, loop.start_s + SHORTEST_S, length_s) };
}
