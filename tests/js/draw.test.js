import assert from "node:assert/strict";
import { test } from "node:test";
import { createLayer } from "../../static/js/draw/canvas.js";
import { columnsOf, highest, peakAt, runsOf } from "../../static/js/draw/columns.js";
import { cellOf, paintHeatmap } from "../../static/js/draw/heatmap.js";
import { paintOverview } from "../../static/js/draw/overview.js";
import { lineOf, paintWaveform } from "../../static/js/draw/waveform.js";
import { FakeContext, segment } from "./helpers.js";

const GRAIN = { segment_s: 1, peaks_per_segment: 20, columns_per_segment: 100 };
const SIZE = { width_px: 200, height_px: 60, ratio: 1 };
const song = (n, probabilityOf = () => 0) => Array.from({ length: n }, (_, i) => heardSegment(i, [probabilityOf(i)]));
const heardSegment = (i, probabilities) => segment(i, probabilities, { heard: probabilities.map((p) => p >= 0.5) });
const sceneOf = (segments, start_s, end_s, more = {}) => ({ segments, view: { start_s, end_s }, grain: GRAIN, ...more });

test("a segment is drawn at its own time, wherever it stands in the list of news", () => {
  const [column] = columnsOf(sceneOf(song(10), 0, 10), [7], 500);
  assert.deepEqual([column.x0, column.x1, column.members.length], [350, 400, 1]);
});

test("where seconds share a pixel the strongest is seen", () => {
  const segments = song(1000, (i) => (i === 501 ? 0.9 : 0.1));
  const columns = columnsOf(sceneOf(segments, 0, 1000), [500], 250);
  assert.equal(columns.length, 1);
  assert.equal(columns[0].members.length, 4);
  assert.equal(highest(columns[0].members, 0), 0.9);
});

test("all segments are meant by null, holes are left out", () => {
  const segments = [segment(0), undefined, segment(2)];
  const columns = columnsOf(sceneOf(segments, 0, 3), null, 300);
  assert.deepEqual(columns.map((c) => c.x0), [0, 200]);
  assert.deepEqual(runsOf(columns), [{ x0: 0, x1: 100 }, { x0: 200, x1: 300 }]);
});

test("what is out of sight is not drawn, news or not", () => {
  const scene = sceneOf(song(600), 100.5, 103.5);
  assert.deepEqual(columnsOf(scene, null, 300).map((c) => c.members[0].index), [100, 101, 102, 103]);
  assert.deepEqual(columnsOf(scene, [3, 102, 500], 300).map((c) => c.members[0].index), [102]);
});

test("a picture of ten minutes costs what one of a minute costs, where as much of it is seen", () => {
  const theme = { wave: "#000000", line: "#000000" };
  const rows = [{ top_px: 0, height_px: 20, colour: "#111111", threshold: 0.5, family: "a" }];
  const cost = (n) => {
    let touched = 0;
    const segments = new Proxy(song(n, () => 0.4), {
      get(target, key) {
        if (/^\d+$/.test(String(key))) touched += 1;
        return Reflect.get(target, key);
      },
    });
    const contexts = [paintWaveform, paintHeatmap].map((paint) => {
      const context = new FakeContext();
      paint(context, SIZE, null, sceneOf(segments, 20, 50, { rows, theme }));
      return context.drawn.length;
    });
    return [touched, ...contexts];
  };
  assert.deepEqual(cost(600), cost(60));
});

test("a peak of 50 ms is drawn where it sounds", () => {
  const peaks = Array(20).fill(0);
  peaks[10] = 0.8; // 1.50 to 1.55 s
  const segments = [segment(0, [], { peaks: Array(20).fill(0) }), segment(1, [], { peaks })];
  const loud = [];
  for (let x = 0; x < 40; x += 1) if (peakAt(sceneOf(segments, 0, 2), 40, x) > 0) loud.push(x);
  assert.deepEqual(loud, [30]);
  assert.equal(peakAt(sceneOf([], 0, 2), 40, 3), 0);
});

test("no peak is lost on a narrow picture", () => {
  const segments = song(600).map((s) => ({ ...s, peaks: Array(20).fill(0) }));
  segments[433].peaks[7] = 1;
  const loud = [...Array(97).keys()].filter((x) => peakAt(sceneOf(segments, 0, 600), 97, x) === 1);
  assert.deepEqual(loud, [Math.floor((433.35 / 600) * 97)]);
});

test("close by every peak is a bar of its own, as wide as it lasts", () => {
  const segments = [segment(0, [], { peaks: Array(20).fill(0.5) })];
  const context = new FakeContext();
  paintWaveform(context, SIZE, null, sceneOf(segments, 0, 1, { theme: { wave: "#000000" } })); // 10 px a peak
  const drawn = new Set(context.drawn.map(({ x }) => x));
  const gaps = [...Array(200).keys()].filter((x) => !drawn.has(x));
  assert.deepEqual(gaps, Array.from({ length: 20 }, (_, i) => 10 * i + 9));
});

test("silence is a hairline in the middle, full scale fills the lane", () => {
  assert.deepEqual(lineOf(0, 64, 2), [31, 2]);
  assert.deepEqual(lineOf(1, 64, 2), [0, 64]);
});

test("heard fills the row, unheard is thinner and fainter, next to nothing is nothing", () => {
  const [above, below] = [cellOf(0.41, 0.4, true), cellOf(0.39, 0.4, false)];
  assert.equal(above.share, 1);
  assert.ok(below.share < 0.5 && below.alpha < above.alpha);
  assert.ok(cellOf(0.1, 0.4, false).share < below.share);
  assert.equal(cellOf(0.01, 0.4, false), null);
  assert.equal(cellOf(0.01, 0.005, true).share, 1);
  assert.deepEqual(cellOf(0.9, 0.4, false), cellOf(0.4, 0.4, false)); // left out as too short: as thick as may be
});

test("a cell lies in its instrument's row and its second", () => {
  const context = new FakeContext();
  const rows = [
    { top_px: 10, height_px: 20, colour: "#111111", threshold: 0.5 },
    { top_px: 30, height_px: 20, colour: "#222222", threshold: 0.5 },
  ];
  const segments = [heardSegment(0, [0, 0]), heardSegment(1, [0, 1])];
  paintHeatmap(context, SIZE, [1], sceneOf(segments, 0, 2, { rows, theme: { line: "#eeeeee" } }));
  const cells = context.drawn.filter((cell) => cell.colour !== "#eeeeee");
  assert.deepEqual(cells, [{ x: 100, y: 31, width: 100, height: 18, colour: "#222222", alpha: 1 }]);
});

test("a row that is folded away is not drawn, and the others keep their labels", () => {
  const context = new FakeContext();
  const rows = [["#111111", 0], ["#222222", 20]].map(([colour, height_px]) => ({ top_px: 0, height_px, colour, threshold: 0.5 }));
  paintHeatmap(context, SIZE, null, sceneOf([heardSegment(0, [0.9, 0.6])], 0, 1, { rows, theme: { line: "#eeeeee" } }));
  assert.deepEqual(context.drawn.map(({ colour, alpha }) => [colour, alpha]), [["#eeeeee", 1], ["#222222", 0.55 + 0.45 * 0.6]]);
});

test("the overview has a stripe for each family, where any of its instruments is heard", () => {
  const context = new FakeContext();
  const rows = [["#111111", "a"], ["#111111", "a"], ["#222222", "b"]].map(([colour, family]) => ({ colour, family }));
  const segments = [heardSegment(0, [0, 0.9, 0]), heardSegment(1, [0, 0, 0.9])];
  paintOverview(context, SIZE, null, sceneOf(segments, 0, 2, { rows, theme: { wave: "#000000" } }));
  const stripes = context.drawn.filter(({ colour }) => colour !== "#000000");
  assert.deepEqual(stripes.map(({ x, y, width, height }) => [x, y, width, height]), [[0, 30, 100, 15], [100, 45, 100, 15]]);
});

test("a layer gathers news and draws once a frame", () => {
  const frames = [];
  const painted = [];
  const canvas = { clientWidth: 10, clientHeight: 10, width: 10, height: 10, getContext: () => new FakeContext() };
  const layer = createLayer(canvas, (_context, _size, indices) => painted.push(indices), (f) => frames.push(f));
  layer.touch([0]); // the first time there is nothing yet to add to
  frames.shift()();
  layer.touch([1, 2]);
  layer.touch([2, 3]);
  assert.equal(frames.length, 1);
  frames.shift()();
  layer.touch([4]);
  layer.redraw();
  frames.shift()();
  assert.deepEqual(painted, [null, [1, 2, 3], null]);
});
