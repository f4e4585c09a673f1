/** How long an upload will still take, from how fast it went in the last seconds. */

const WINDOW_MS = 10_000; // long enough to be steady, short enough to follow the line
const FIRST_MS = 1_000; // before that it would be a guess

/** @returns {(loaded_bytes: number, total_bytes: number) => number | null} seconds left, null while unknown */
export function createTimeLeft(now = () => performance.now()) {
  const seen = []; // {at_ms, bytes}, oldest first

  return function timeLeft_s(loaded_bytes, total_bytes) {
    const at_ms = now();
    seen.push({ at_ms, bytes: loaded_bytes });
    while (at_ms - seen[0].at_ms > WINDOW_MS && seen.length > 2) seen.shift();
    const took_ms = at_ms - seen[0].at_ms;
    const sent_bytes = loaded_bytes - seen[0].bytes;
    if (took_ms < FIRST_MS || sent_bytes <= 0) return null;
    return ((total_bytes - loaded_bytes) / sent_bytes) * (took_ms / 1000);
  };
}

/** Rounded up as far as it can be trusted: to seconds, then to 5 seconds, then to minutes. */
export function roughly_s(left_s) {
  const step_s = left_s < 10 ? 1 : left_s < 60 ? 5 : 60;
  return Math.max(1, Math.ceil(left_s / step_s)) * step_s;
}
