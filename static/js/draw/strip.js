/**
 * The spectrogram of the whole song, kept small: every picture once, as few pixels wide.
 *
 * Zooming and scrolling draw from here at once, without decoding anything; the pictures themselves
 * are fetched only where the view is closer than this.
 */

export const COLUMNS = 16; // pixels a segment
const TILE_SEGMENTS = 128; // canvases have a greatest width, so the strip is cut into tiles
const TILE_PX = TILE_SEGMENTS * COLUMNS;

const makeCanvas = (width_px, height_px) => new OffscreenCanvas(width_px, height_px);

/** @param fullColumns how many columns the picture of a whole segment has */
export function createStrip(fullColumns, make = makeCanvas) {
  const tiles = new Map(); // by their number in the song

  function put(index, bitmap) {
    const number = Math.floor(index / TILE_SEGMENTS);
    if (!tiles.has(number)) tiles.set(number, make(TILE_PX, bitmap.height));
    const context = tiles.get(number).getContext("2d");
    context.imageSmoothingQuality = "high";
    const width_px = Math.max(1, Math.round((bitmap.width / fullColumns) * COLUMNS));
    context.drawImage(bitmap, (index % TILE_SEGMENTS) * COLUMNS, 0, width_px, bitmap.height);
  }

  /** Draw segments `[first, end)`; `xOf(index)` is where a segment begins, in whole pixels. */
  function draw(context, first, end, xOf, height_px) {
    for (let from = first; from < end; ) {
      const number = Math.floor(from / TILE_SEGMENTS);
      const to = Math.min(end, (number + 1) * TILE_SEGMENTS);
      const tile = tiles.get(number);
      if (tile) drawPart(context, tile, from % TILE_SEGMENTS, to - from, [xOf(from), xOf(to)], height_px);
      from = to;
    }
  }

  return { put, draw };
}

function drawPart(context, tile, offset, count, [x0, x1], height_px) {
  const width_px = Math.max(1, x1 - x0);
  context.drawImage(tile, offset * COLUMNS, 0, count * COLUMNS, tile.height, x0, 0, width_px, height_px);
}
