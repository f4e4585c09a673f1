/** What the page says about where a song stands: honest, short, one place. */

import { formatBytes, percent } from "./words.js";

const WARNINGS = {
  truncated: "The file ends in the middle; it is tagged as far as it goes.",
};

/** `{message, hint}` of the problems that only the browser can see. */
export const BROWSER_PROBLEMS = {
  offline: {
    code: "offline",
    message: "The server cannot be reached.",
    hint: "Check the connection and try again.",
  },
  unplayable: {
    code: "unplayable",
    message: "This browser cannot play the song.",
    hint: "The tags below are complete all the same.",
  },
  gone: {
    code: "not_found",
    message: "This song was deleted.",
    hint: "Upload it again to see its instruments.",
  },
};

function tagged({ tagged: done, expected }, estimated) {
  if (!expected) return `${done} s`;
  return `${done} of ${estimated ? "about " : ""}${expected} s`;
}

function uploading(upload, progress) {
  if (!upload) return { text: "Waiting for the rest of the upload", fraction: null };
  const { loaded_bytes, total_bytes } = upload;
  const fraction = total_bytes ? loaded_bytes / total_bytes : null;
  const sent = `Uploading ${percent(fraction ?? 0)} of ${formatBytes(total_bytes)}`;
  const text = progress?.tagged ? `${sent}, tagged ${tagged(progress, true)} already` : sent;
  return { text, fraction };
}

function queued({ queue_position: position }) {
  if (!position) return "Waiting for its turn";
  return `Waiting for its turn, number ${position} in the queue`;
}

/**
 * The state line: `{phase, text, fraction}`.
 *
 * `phase` is the few words that are spoken when they change, `text` the line with its numbers,
 * `fraction` how far the bar is, null where that cannot be known.
 */
export function stateLine({ song, upload }) {
  const state = upload ? "uploading" : song?.state;
  switch (state) {
    case "uploading":
      return { phase: "Uploading", ...uploading(upload, song?.progress) };
    case "queued":
      return { phase: "Waiting", text: queued(song), fraction: null };
    case "decoding":
      return { phase: "Decoding", text: "Decoding", fraction: null };
    case "tagging": {
      const text = `Tagging ${tagged(song.progress, song.duration_s === null)}`;
      return { phase: "Tagging", text, fraction: song.progress.fraction };
    }
    case "done":
      return { phase: "Done", text: doneText(song), fraction: 1 };
    case "failed":
      return { phase: "Failed", text: `Failed: ${song.error.message}`, fraction: null };
    case "cancelled":
      return { phase: "Deleted", text: "Deleted", fraction: null };
    default:
      return { phase: "", text: "", fraction: null };
  }
}

function doneText(song) {
  const warnings = (song.warnings ?? []).map((code) => WARNINGS[code] ?? `Warning: ${code}.`);
  return [`All ${song.progress.tagged} s tagged.`, ...warnings].join(" ");
}

/** The line about keeping and sharing; `expires_at` in Unix seconds, or null. */
export function keepingText(expires_at, locale) {
  const open = "Whoever has the link to this page can open it.";
  if (!expires_at) return open;
  const when = new Date(expires_at * 1000).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  return `Kept until ${when}, then deleted. ${open}`;
}
