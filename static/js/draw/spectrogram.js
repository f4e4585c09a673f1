/**
 * The spectrogram: the server's picture of every segment, put in its place in time.
 *
 * From afar it is drawn from the strip of the whole song, close by from the pictures themselves, which
 * take the strip's place as they are decoded. Their bytes are kept (some kB a second), not their pixels.
 */

import { spanOf, xOfTime } from "../time.js";
import { visibleIndices } from "./columns.js";
import { createPictures } from "./pictures.js";
import { COLUMNS, createStrip } from "./strip.js";

/**
 * Whole pixels `[x0, x1)` of a picture that begins with its segment.
 *
 * The last segment's picture has fewer columns than the others, each as wide as theirs.
 */
export function pictureSpan(segment, columns, { view, grain }, width_px) {
  const length_s = (columns / grain.columns_per_segment) * grain.segment_s;
  return spanOf(view, width_px, segment.start_s, segment.start_s + length_s);
}

/** @param onReady `(index)`: this segment can now be drawn better than before */
export function createSpectrogram(onReady, { decode = createImageBitmap, makeStrip = createStrip } = {}) {
  const pictures = createPictures(decode);
  let strip = null;
  let song = 0; // grows when another song is begun; pictures of the one before come too late

  function forget() {
    strip = null;
    song += 1;
  }

  /** New pictures: each is decoded once for the strip, seen or not. */
  function add(indices, { segments, grain }) {
    const current = song;
    strip ??= makeStrip(grain.columns_per_segment);
    for (const index of indices) {
      const picture = segments[index]?.picture;
      if (picture) pictures.fetch(picture, (bitmap) => current === song && take(index, bitmap));
    }
  }

  function take(index, bitmap) {
    strip.put(index, bitmap);
    onReady(index);
  }

  function paint(context, size, indices, scene) {
    const shown = visibleIndices(scene, indices && withNeighbours(indices));
    if (!strip || !shown.length) return;
    context.imageSmoothingQuality = "high";
    const { view, grain } = scene;
    const xOf = (index) => Math.floor(xOfTime(view, size.width_px, index * grain.segment_s));
    for (const [first, end] of stretches(shown)) strip.draw(context, first, end, xOf, size.height_px);
    const segment_px = (size.width_px * grain.segment_s) / (view.end_s - view.start_s);
    if (segment_px > COLUMNS) for (const index of shown) paintClose(context, size, index, scene);
  }

  function paintClose(context, size, index, scene) {
    const segment = scene.segments[index];
    if (!segment?.picture) return;
    const bitmap = pictures.get(segment.picture);
    if (!bitmap) return pictures.fetch(segment.picture, () => onReady(index));
    const [x0, x1] = pictureSpan(segment, bitmap.width, scene, size.width_px);
    context.drawImage(bitmap, x0, 0, x1 - x0, size.height_px);
  }

  return { add, forget, paint };
}

/** A shrunken picture takes a little of what lies beside it, which may not have been there before. */
function withNeighbours(indices) {
  return [...new Set(indices.flatMap((index) => [index - 1, index, index + 1]))];
}

/** Indices in ascending order as stretches `[first, end)` without a hole. */
export function stretches(indices) {
  const found = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    if (found.at(-1)?.[1] === index) found.at(-1)[1] = index + 1;
    else found.push([index, index + 1]);
  }
  return found;
}
