/**
 * The Slaney mel scale, to put frequencies beside the spectrogram.
 *
 * Linear up to 1 kHz, logarithmic above (Slaney, Auditory Toolbox, 1998); the same scale as the
 * server's filter bank.
 */

const LINEAR_HZ_PER_MEL = 200 / 3;
const BREAK_HZ = 1000;
const LOG_STEP = Math.log(6.4) / 27;
const TICKS_HZ = [0, 500, 1000, 2000, 4000, 8000, 16000];

export function hzToMel(frequency_hz) {
  if (frequency_hz < BREAK_HZ) return frequency_hz / LINEAR_HZ_PER_MEL;
  return BREAK_HZ / LINEAR_HZ_PER_MEL + Math.log(frequency_hz / BREAK_HZ) / LOG_STEP;
}

export function melToHz(mel) {
  const break_mel = BREAK_HZ / LINEAR_HZ_PER_MEL;
  return mel < break_mel ? mel * LINEAR_HZ_PER_MEL : BREAK_HZ * Math.exp((mel - break_mel) * LOG_STEP);
}

/** The frequency at this height of the picture, 0 at the bottom and 1 at the top. */
export function hzAt(height, { f_min_hz = 0, f_max_hz }) {
  const low = hzToMel(f_min_hz);
  return melToHz(low + height * (hzToMel(f_max_hz) - low));
}

/** Where a frequency lies between the bottom (0) and the top (1) of the picture. */
export function heightOf(frequency_hz, { f_min_hz = 0, f_max_hz }) {
  const low = hzToMel(f_min_hz);
  return (hzToMel(frequency_hz) - low) / (hzToMel(f_max_hz) - low);
}

/** `{label, height}` of the frequencies worth naming. */
export function frequencyTicks(range) {
  const ticks = TICKS_HZ.map((f) => ({
    label: f >= 1000 ? `${f / 1000}k` : String(f),
    height: heightOf(f, range),
  }));
  return ticks.filter(({ height }) => height > 0 && height < 1);
}
