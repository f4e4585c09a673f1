import assert from "node:assert/strict";
import { test } from "node:test";
import { createPictures } from "../../static/js/draw/pictures.js";
import { createSpectrogram, pictureSpan, stretches } from "../../static/js/draw/spectrogram.js";
import { COLUMNS, createStrip } from "../../static/js/draw/strip.js";
import { FakeContext, segment, settled } from "./helpers.js";

const GRAIN = { segment_s: 1, peaks_per_segment: 20, columns_per_segment: 100 };
const SIZE = { width_px: 100, height_px: 10, ratio: 1 };

const bitmapOf = (name, width = 100) => ({ name, width, height: 128, close() { this.closed = true; } });

/** Tiles that can be looked at: `make` for `createStrip`, and what was made. */
function fakeTiles() {
  const made = [];
  const make = (width, height) => {
    const context = new FakeContext();
    const tile = { width, height, context, getContext: () => context };
    made.push(tile);
    return tile;
  };
  return { made, make };
}

function start(n) {
  const tiles = fakeTiles();
  const decoded = [];
  const ready = [];
  const spectrogram = createSpectrogram((index) => ready.push(index), {
    decode: async (picture) => decoded.push(picture) && bitmapOf(picture),
    makeStrip: (columns) => createStrip(columns, tiles.make),
  });
  const segments = Array.from({ length: n }, (_, i) => segment(i, [], { picture: `p${i}` }));
  return { spectrogram, segments, tiles, decoded, ready };
}

test("a picture of fewer columns ends where its sound ends", () => {
  const scene = { view: { start_s: 0, end_s: 5 }, grain: GRAIN };
  assert.deepEqual(pictureSpan(segment(4), 100, scene, 500), [400, 500]);
  assert.deepEqual(pictureSpan(segment(4), 30, scene, 500), [400, 430]);
});

test("from afar the song is drawn from its strip, close by from the pictures", async () => {
  const { spectrogram, segments, decoded, ready } = start(50);
  const far = { segments, view: { start_s: 0, end_s: 50 }, grain: GRAIN };
  spectrogram.add([...segments.keys()], far);
  await settled();
  assert.deepEqual([decoded.length, ready.length], [50, 50]);
  const context = new FakeContext();
  spectrogram.paint(context, SIZE, null, far);
  assert.deepEqual(context.drawn.map(({ part, x, width }) => [part[2], x, width]), [[50 * COLUMNS, 0, 100]]);
  context.drawn = [];
  spectrogram.paint(context, SIZE, null, { ...far, view: { start_s: 10, end_s: 12 } });
  const pictures = context.drawn.filter(({ picture }) => picture.name);
  assert.deepEqual(pictures.map(({ picture, x, width }) => [picture.name, x, width]), [["p10", 0, 50], ["p11", 50, 50]]);
  assert.equal(decoded.length, 50);
});

test("a picture of the song before does not land in the next one", async () => {
  const { spectrogram, segments, ready, tiles } = start(2);
  const scene = { segments, view: { start_s: 0, end_s: 2 }, grain: GRAIN };
  spectrogram.add([0, 1], scene);
  spectrogram.forget();
  await settled();
  assert.deepEqual([ready, tiles.made.flatMap((tile) => tile.context.drawn)], [[], []]);
});

test("the strip keeps each picture in its place, across the tiles' borders and shorter at the end", () => {
  const { made, make } = fakeTiles();
  const strip = createStrip(100, make);
  for (const index of [0, 127, 128]) strip.put(index, bitmapOf(index));
  strip.put(129, bitmapOf(129, 25));
  assert.deepEqual(made.map((tile) => tile.context.drawn.map(({ x, width }) => [x, width])), [
    [[0, COLUMNS], [127 * COLUMNS, COLUMNS]],
    [[0, COLUMNS], [COLUMNS, COLUMNS / 4]],
  ]);
  const context = new FakeContext();
  strip.draw(context, 126, 130, (index) => 10 * (index - 126), 5);
  assert.deepEqual(context.drawn.map(({ part, x, width }) => [part[0], part[2], x, width]), [
    [126 * COLUMNS, 2 * COLUMNS, 0, 20],
    [0, 2 * COLUMNS, 20, 20],
  ]);
});

test("the pictures wanted longest ago are let go, and one that is broken does no harm", async () => {
  const bitmaps = {};
  const decode = async (name) => (name === "broken" ? Promise.reject(new Error("no picture")) : (bitmaps[name] = bitmapOf(name)));
  const pictures = createPictures(decode, 2);
  const ready = [];
  for (const name of ["a", "b", "broken"]) await pictures.fetch(name, () => ready.push(name));
  pictures.get("a");
  await pictures.fetch("c", () => ready.push("c"));
  assert.deepEqual(ready, ["a", "b", "c"]);
  assert.deepEqual([pictures.get("b"), bitmaps.b.closed, bitmaps.a.closed], [undefined, true, undefined]);
});

test("indices are drawn in as few pieces as they have holes", () => {
  assert.deepEqual(stretches([5, 3, 4, 9]), [[3, 6], [9, 10]]);
});
