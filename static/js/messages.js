/** What the page says about where a song stands: honest, short, one place. */

import { localProblem, t } from "./i18n.js";
import { roughly_s } from "./rate.js";
import { formatBytes, formatDuration, formatMoment, percent } from "./words.js";

const WARNINGS = { truncated: t("warning.truncated") };

function tagged(progress, keys, estimated) {
  const { tagged: done, expected } = progress;
  if (!expected) return t(keys.alone, { done });
  return t(estimated ? keys.ofAbout : keys.of, { done, expected });
}

const TAGGING = { alone: "state.tagging_text", of: "state.tagging_of", ofAbout: "state.tagging_of_about" };
const ALREADY = { alone: "state.tagged", of: "state.tagged_of", ofAbout: "state.tagged_of_about" };

function uploading(upload, progress) {
  if (!upload) return { text: t("state.upload_elsewhere"), fraction: null };
  const { loaded_bytes, total_bytes, left_s } = upload;
  const fraction = total_bytes ? loaded_bytes / total_bytes : null;
  const share = { percent: percent(fraction ?? 0), size: formatBytes(total_bytes) };
  const sent = left_s
    ? t("state.upload_left", { ...share, duration: formatDuration(roughly_s(left_s)) })
    : t("state.upload_of", share);
  const text = progress?.tagged ? t("state.upload_tagged", { sent, tagged: tagged(progress, ALREADY, true) }) : sent;
  return { text, fraction };
}

function queued({ queue_position: position }) {
  return position ? t("state.queued_position", { position }) : t("state.queued_text");
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
      return { phase: t("state.uploading"), ...uploading(upload, song?.progress) };
    case "queued":
      return { phase: t("state.queued"), text: queued(song), fraction: null };
    case "decoding":
      return { phase: t("state.decoding"), text: t("state.decoding"), fraction: null };
    case "tagging": {
      const text = tagged(song.progress, TAGGING, song.duration_s === null);
      return { phase: t("state.tagging"), text, fraction: song.progress.fraction };
    }
    case "done":
      return { phase: t("state.done"), text: doneText(song), fraction: 1 };
    case "failed": {
      const { message } = localProblem(song.error);
      return { phase: t("state.failed"), text: t("state.failed_text", { message }), fraction: null };
    }
    case "cancelled":
      return { phase: t("state.deleted"), text: t("state.deleted"), fraction: null };
    default:
      return { phase: "", text: "", fraction: null };
  }
}

function doneText(song) {
  const warnings = (song.warnings ?? []).map((code) => WARNINGS[code] ?? t("warning.unknown", { code }));
  return [t("state.done_text", { done: song.progress.tagged }), ...warnings].join(" ");
}

/** The line about keeping and sharing; `expires_at` in Unix seconds, or null. */
export function keepingText(expires_at) {
  const open = t("share.open_to_all");
  if (!expires_at) return open;
  return `${t("share.kept_until", { when: formatMoment(expires_at) })} ${open}`;
}
