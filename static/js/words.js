/** Numbers and lists as people read them. */

export function formatBytes(bytes) {
  const mega = bytes / 1e6;
  if (mega < 0.1) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return `${mega < 10 ? mega.toFixed(1) : Math.round(mega)} MB`;
}

function count(n, noun) {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** "20 minutes", "1 hour 30 minutes", "45 seconds". */
export function formatDuration(duration_s) {
  const hours = Math.floor(duration_s / 3600);
  const minutes = Math.floor((duration_s % 3600) / 60);
  const seconds = Math.floor(duration_s % 60);
  const parts = [
    hours && count(hours, "hour"),
    minutes && count(minutes, "minute"),
    !hours && seconds && count(seconds, "second"),
  ].filter(Boolean);
  return parts.join(" ") || "0 seconds";
}

/** What a screen reader says of the seek bar. */
export function positionText(time_s, duration_s) {
  return `${formatDuration(time_s)} of ${duration_s ? formatDuration(duration_s) : "unknown length"}`;
}

/** "Piano, Cello and Flute". */
export function listText(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export function percent(fraction) {
  return `${Math.round(100 * fraction)} %`;
}

