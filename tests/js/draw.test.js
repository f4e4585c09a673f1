import assert from "node:assert/strict";
import { test } from "node:test";
import { createLayer } from "../../static/js/draw/canvas.js";
import { columnsOf, highest, peakAt } from "../../static/js/draw/columns.js";
import { cellOf, paintHeatmap } from "../../static/js/draw/heatmap.js";
import { createSpectrogramPainter, pictureSpan } from "../../static/js/draw/spectrogram.js";
import { lineOf } from "../../static/js/draw/waveform.js";
import { FakeContext, segment, settled } from "./helpers.js";

const GRAIN = { segment_s: 1, peaks_per_segment: 20, columns_per_segment: 100 };
const song = (n, probabilityOf = () => 0) => Array.from({ length: n }, (_, i) => segment(i, [probabilityOf(i)]));

test("a segment is drawn at its own time, wherever it stands in the list of news", () => {
  const [column] = columnsOf(song(10), [7], { start_s: 0, end_s: 10 }, 500);
  assert.deepEqual([column.x0, column.x1, column.members.length], [350, 400, 1]);
});

test("where seconds share a pixel the strongest is seen", () => {
  const segments = song(1000, (i) => (i === 501 ? 0.9 : 0.1));
  const columns = columnsOf(segments, [500], { start_s: 0, end_s: 1000 }, 250);
  assert.equal(columns.length, 1);
  assert.equal(columns[0].members.length, 4);
  assert.equal(highest(columns[0].members, 0), 0.9);
});

test("all segments are meant by null, holes are left out", () => {
  const segments = [segment(0), undefined, segment(2)];
  assert.deepEqual(columnsOf(segments, null, { start_s: 0, end_s: 3 }, 300).map((c) => c.x0), [0, 200]);
});

test("a peak of 50 ms is drawn where it sounds", () => {
  const peaks = Array(20).fill(0);
  peaks[10] = 0.8; // 1.50 to 1.55 s
  const segments = [segment(0, [], { peaks: Array(20).fill(0) }), segment(1, [], { peaks })];
  const loud = [];
  for (let x = 0; x < 40; x += 1) if (peakAt({ segments, view: { start_s: 0, end_s: 2 }, grain: GRAIN }, 40, x) > 0) loud.push(x);
  assert.deepEqual(loud, [30]);
  assert.equal(peakAt({ segments: [], view: { start_s: 0, end_s: 2 }, grain: GRAIN }, 40, 3), 0);
});

test("no peak is lost on a narrow picture", () => {
  const segments = song(600).map((s) => ({ ...s, peaks: Array(20).fill(0) }));
  segments[433].peaks[7] = 1;
  const view = { start_s: 0, end_s: 600 };
  const loud = [...Array(97).keys()].filter((x) => peakAt({ segments, view, grain: GRAIN }, 97, x) === 1);
  assert.deepEqual(loud, [Math.floor((433.35 / 600) * 97)]);
});

test("silence is a hairline in the middle, full scale fills the lane", () => {
  assert.deepEqual(lineOf(0, 64, 2), [31, 2]);
  assert.deepEqual(lineOf(1, 64, 2), [0, 64]);
});

test("heard fills the row, unheard is thinner and fainter, next to nothing is nothing", () => {
  const [above, below] = [cellOf(0.41, 0.4), cellOf(0.39, 0.4)];
  assert.equal(above.share, 1);
  assert.ok(below.share < 0.5 && below.alpha < above.alpha);
  assert.ok(cellOf(0.1, 0.4).share < below.share);
  assert.equal(cellOf(0.01, 0.4), null);
  assert.equal(cellOf(0.01, 0.005).heard, true);
});

test("a cell lies in its instrument's row and its second", () => {
  const context = new FakeContext();
  const rows = [
    { top_px: 10, height_px: 20, colour: "#111111", threshold: 0.5 },
    { top_px: 30, height_px: 20, colour: "#222222", threshold: 0.5 },
  ];
  const scene = { segments: [segment(0, [0, 0]), segment(1, [0, 1])], view: { start_s: 0, end_s: 2 }, rows, theme: { line: "#eeeeee" } };
  paintHeatmap(context, { width_px: 200, height_px: 60, ratio: 1 }, [1], scene);
  const cells = context.drawn.filter((cell) => cell.colour !== "#eeeeee");
  assert.deepEqual(cells, [{ x: 100, y: 31, width: 100, height: 18, colour: "#222222", alpha: 1 }]);
});

test("a picture of fewer columns ends where its sound ends", () => {
  assert.deepEqual(pictureSpan(segment(4), 100, { view: { start_s: 0, end_s: 5 }, grain: GRAIN }, 500), [400, 500]);
  assert.deepEqual(pictureSpan(segment(4), 30, { view: { start_s: 0, end_s: 5 }, grain: GRAIN }, 500), [400, 430]);
});

test("a picture that is decoded after a full redraw does not land in the new one", async () => {
  const waiting = [];
  const decode = (picture) => new Promise((resolve) => waiting.push(() => resolve({ picture, width: 100, close() {} })));
  const paint = createSpectrogramPainter(decode);
  const context = new FakeContext();
  const size = { width_px: 100, height_px: 10, ratio: 1 };
  const segments = [segment(0, [], { picture: "a" })];
  paint(context, size, [0], { segments, view: { start_s: 0, end_s: 1 }, grain: GRAIN });
  paint(context, size, null, { segments, view: { start_s: 0, end_s: 2 }, grain: GRAIN });
  for (const resolve of waiting) resolve();
  await settled();
  assert.deepEqual(context.drawn.map((d) => d.width), [50]);
});

test("a layer gathers news and draws once a frame", () => {
  const frames = [];
  const painted = [];
  const canvas = { clientWidth: 10, clientHeight: 10, width: 10, height: 10, getContext: () => new FakeContext() };
  const layer = createLayer(canvas, (_context, _size, indices) => painted.push(indices), (f) => frames.push(f));
  layer.touch([1, 2]);
  layer.touch([2, 3]);
  assert.equal(frames.length, 1);
  frames.shift()();
  layer.touch([4]);
  layer.redraw();
  frames.shift()();
  assert.deepEqual(painted, [[1, 2, 3], null]);
});
