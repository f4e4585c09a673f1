/** Numbers and lists as people read them, in their language. */

import { locale, t } from "./i18n.js";

const percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const lists = new Intl.ListFormat(locale, { type: "conjunction" });
const units = {};

function inUnit(value, unit, digits) {
  const key = `${unit} ${digits}`;
  const options = { style: "unit", unit, minimumFractionDigits: digits, maximumFractionDigits: digits };
  units[key] ??= new Intl.NumberFormat(locale, options);
  return units[key].format(value);
}

export function formatBytes(bytes) {
  const mega = bytes / 1e6;
  if (mega < 0.1) return inUnit(Math.max(1, Math.round(bytes / 1e3)), "kilobyte", 0);
  return inUnit(mega, "megabyte", mega < 10 ? 1 : 0);
}

/** "20 minutes", "1 hour 30 minutes", "45 seconds". */
export function formatDuration(duration_s) {
  const hours = Math.floor(duration_s / 3600);
  const minutes = Math.floor((duration_s % 3600) / 60);
  const seconds = Math.floor(duration_s % 60);
  const parts = [
    hours && t("duration.hours", { count: hours }),
    minutes && t("duration.minutes", { count: minutes }),
    !hours && seconds && t("duration.seconds", { count: seconds }),
  ].filter(Boolean);
  return parts.join(" ") || t("duration.seconds", { count: 0 });
}

/** What a screen reader says of the seek bar. */
export function positionText(time_s, duration_s) {
  const duration = duration_s ? formatDuration(duration_s) : t("player.unknown_length");
  return t("player.position_of", { position: formatDuration(time_s), duration });
}

/** "Piano, Cello and Flute". */
export function listText(names) {
  return lists.format(names);
}

/** A date with its time, in Unix seconds. */
export function formatMoment(at_s) {
  return new Date(at_s * 1000).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
}

export function percent(fraction) {
  return percents.format(fraction);
}
