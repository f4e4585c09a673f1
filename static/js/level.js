/** How loud a microphone is. */

const QUIETEST_DB = -60;

/** From 0, silence or nearly so, to 1, full scale: the root mean square in decibels, evenly spread. */
export function levelOf(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const level_db = 10 * Math.log10(Math.max(power, 1e-12));
  return Math.min(1, Math.max(0, 1 - level_db / QUIETEST_DB));
}
