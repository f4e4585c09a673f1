/** The shape of the page's state, and what can be read out of it. */

import { PLAIN } from "./heard.js";
import { OWN_THRESHOLDS } from "./threshold.js";
import { segmentIndexAt } from "./time.js";
import { turned } from "./viewport.js";

/** Where a song stands when none is open; opening or leaving one goes back to this. */
export const NO_SONG = {
  /** What the server says of the song (`GET /api/songs/<id>` without segments), or null. */
  song: null,
  /** The name to show before the server has answered. */
  name: "",
  /** `{loaded_bytes, total_bytes, left_s}` while this browser is sending the file, else null. */
  upload: null,
  /** Rows by their index; a hole is a second that is not tagged yet. */
  segments: [],
  /** How long the song is, as far as that is known. */
  length_s: 1,
  /** The stretch of song that the lanes show. */
  view: { start_s: 0, end_s: 1 },
  /** Whether the view goes along with the playhead. */
  follow: true,
  /** The stretch that a person chose, `{start_s, end_s}`, which is played over and over; or null. */
  loop: null,
  /** `{on, keep}` of a song that comes or came by the microphone of this page, or null. */
  live: null,
  /** What listeners said against the model, as `GET /api/songs/<id>/corrections` has it. */
  corrections: [],
  /** `{instrument, confidences, labels}`: one answer for the whole sound; null until it is asked for. */
  single: null,
  /** Whether that one answer is to be seen, or null: a short sound gets it. */
  asSingle: null,
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
  modelLabels: [],
  /** The labels of the open song: the model's, but for a song that another model tagged. */
  labels: [],
  /** From which probability an instrument counts: `{all, own}`, see threshold.js. */
  threshold: OWN_THRESHOLDS,
  /** `{average_s, shortest_s}`, see heard.js. */
  smoothing: PLAIN,
  /** Of the playback: 1 is as recorded. */
  rate: 1,
  /** 0 to 1. */
  volume: 1,
  muted: false,
  connected: true,
  /** `{on, songs}`: what was uploaded from this browser, see songbook.js. */
  songbook: { on: true, songs: [] },
  /** The file that was chosen last, until all of it has arrived: it may have to be sent again. */
  file: null,
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

/** What becomes of the state at another moment: the view goes along, if it follows or is told to. */
export function atTime({ view, length_s, follow, loop }, time_s, reveal = follow) {
  return { time_s, view: reveal ? turned(view, time_s, length_s, loop) : view };
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
