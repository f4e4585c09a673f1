/** The waveform: one upright line a pixel, as high as the loudest sample in it. */

import { timeOfX } from "../time.js";
import { columnsOf, peakAt } from "./columns.js";

const BAR_PX = 4; // a peak as wide as this, in CSS pixels, is seen as a bar of its own
const TINY = 1e-6; // what binary fractions may be off

/** Where the line of this column begins and ends; silence is still a hairline. */
export function lineOf(peak, height_px, ratio) {
  const length_px = Math.max(ratio, peak * height_px);
  return [(height_px - length_px) / 2, length_px];
}

/**
 * Whether a peak ends with this column, where peaks are wide enough to be told apart.
 *
 * The column is left free: so one sees that the server knows one number for the bar, no curve in it.
 */
export function isGap({ view, grain }, { width_px, ratio }, x_px) {
  const peak_s = grain.segment_s / grain.peaks_per_segment;
  const pixel_s = (view.end_s - view.start_s) / width_px;
  if (peak_s < BAR_PX * ratio * pixel_s) return false;
  const peakOf = (x) => Math.floor(timeOfX(view, width_px, x) / peak_s + TINY);
  return peakOf(x_px) !== peakOf(x_px + 1);
}

export function paintWaveform(context, size, indices, scene) {
  const { width_px, height_px, ratio } = size;
  context.fillStyle = scene.theme.wave;
  for (const { x0, x1 } of columnsOf(scene, indices, width_px)) {
    context.clearRect(x0, 0, x1 - x0, height_px);
    for (let x = Math.max(x0, 0); x < Math.min(x1, width_px); x += 1) {
      if (isGap(scene, size, x)) continue;
      const [y, length_px] = lineOf(peakAt(scene, width_px, x), height_px, ratio);
      context.fillRect(x, y, 1, length_px);
    }
  }
}
