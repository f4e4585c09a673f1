/**
 * The spectrogram: the server's picture of every segment, put in its place in time.
 *
 * Only the pictures' bytes are kept (some kB a second); they are decoded when they are drawn.
 */

import { spanOf } from "../time.js";

/**
 * Whole pixels `[x0, x1)` of a picture that begins with its segment.
 *
 * The last segment's picture has fewer columns than the others, each as wide as theirs.
 */
export function pictureSpan(segment, columns, { view, grain }, width_px) {
  const length_s = (columns / grain.columns_per_segment) * grain.segment_s;
  return spanOf(view, width_px, segment.start_s, segment.start_s + length_s);
}

export function createSpectrogramPainter(decode = createImageBitmap) {
  let round = 0; // grows with every full redraw; what an older one decodes comes too late

  async function paintOne(context, size, segment, scene, current) {
    const bitmap = await decode(segment.picture);
    if (current === round) {
      const [x0, x1] = pictureSpan(segment, bitmap.width, scene, size.width_px);
      context.imageSmoothingQuality = "high";
      context.drawImage(bitmap, x0, 0, x1 - x0, size.height_px);
    }
    bitmap.close();
  }

  return async function paintSpectrogram(context, size, indices, scene) {
    if (indices === null) round += 1;
    const current = round;
    const { segments } = scene;
    const wanted = [...(indices ?? segments.keys())].map((index) => segments[index]);
    const withPicture = wanted.filter((segment) => segment?.picture);
    // A picture that cannot be decoded leaves its place empty; the numbers are there all the same.
    await Promise.allSettled(withPicture.map((segment) => paintOne(context, size, segment, scene, current)));
  };
}
