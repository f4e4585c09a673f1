/** The waveform: one upright line a pixel, as high as the loudest sample in it. */

import { columnsOf, peakAt } from "./columns.js";

/** Where the line of this column begins and ends; silence is still a hairline. */
export function lineOf(peak, height_px, ratio) {
  const length_px = Math.max(ratio, peak * height_px);
  return [(height_px - length_px) / 2, length_px];
}

export function paintWaveform(context, size, indices, scene) {
  context.fillStyle = scene.theme.wave;
  for (const { x0, x1 } of columnsOf(scene.segments, indices, scene.view, size.width_px)) {
    context.clearRect(x0, 0, x1 - x0, size.height_px);
    for (let x = x0; x < x1; x += 1) {
      const [y, length_px] = lineOf(peakAt(scene, size.width_px, x), size.height_px, size.ratio);
      context.fillRect(x, y, 1, length_px);
    }
  }
}
