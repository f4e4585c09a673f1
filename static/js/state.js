/** The shape of the page's state, and what can be read out of it. */

import { segmentIndexAt } from "./time.js";

/** Where a song stands when none is open; opening or leaving one goes back to this. */
export const NO_SONG = {
  /** What the server says of the song (`GET /api/songs/<id>` without segments), or null. */
  song: null,
  /** The name to show before the server has answered. */
  name: "",
  /** `{loaded_bytes, total_bytes}` while this browser is sending the file, else null. */
  upload: null,
  /** Rows by their index; a hole is a second that is not tagged yet. */
  segments: [],
  /** The stretch of song that the lanes show. */
  view: { start_s: 0, end_s: 1 },
  time_s: 0,
  playing: false,
  playable: false,
};

/** A song that the server has just made room for, until the server itself tells more. */
export const NEW_SONG = {
  state: "uploading",
  progress: { tagged: 0, expected: null, fraction: null },
  duration_s: null,
  duration_estimate_s: null,
  warnings: [],
  error: null,
  expires_at: null,
  playback: null,
};

export const INITIAL = {
  ...NO_SONG,
  /** "start" or "song". */
  screen: "start",
  /** `GET /api/config` and `GET /api/labels`, null and empty until they are here. */
  config: null,
  labels: [],
  /** One probability for every instrument, or null: each instrument's own threshold. */
  threshold: null,
  connected: true,
  /** `{code, message, hint}` or null. */
  problem: null,
};

/** How finely the song is cut; a second and its parts until the server has said. */
export function grainOf(config) {
  return {
    segment_s: config?.segment_s ?? 1,
    peaks_per_segment: config?.peaks_per_segment ?? 20,
    columns_per_segment: config?.spectrogram.width_px ?? 100,
  };
}

export function currentIndex({ time_s, song, config }) {
  return segmentIndexAt(time_s, song?.duration_s ?? null, grainOf(config).segment_s);
}

/** The row that is being heard, or undefined where nothing is known yet. */
export function currentSegment(state) {
  return state.segments[currentIndex(state)];
}

/** The end of the last row that is here, in seconds. */
export function knownEnd_s(segments) {
  return segments.length ? segments.at(-1).end_s : 0;
}

export function isOver(song) {
  return ["done", "failed", "cancelled"].includes(song?.state);
}

/**
 * The rows with these ones put in by their index, whatever order they arrive in.
 *
 * A row may come twice, by request without its picture and by socket with it: what is known of
 * either stays.
 */
export function withSegments(segments, rows) {
  const merged = segments.slice();
  for (const row of rows) merged[row.index] = { ...merged[row.index], ...row };
  return merged;
}

/** Indices whose row is not the same object in both. */
export function changedIndices(before, after) {
  const changed = [];
  for (let i = 0; i < after.length; i += 1) if (after[i] !== before[i]) changed.push(i);
  return changed;
}
