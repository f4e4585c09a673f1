/**
 * The lanes: waveform, spectrogram and heatmap over one axis of time, with what is heard marked.
 *
 * The pictures change only when segments arrive or the threshold moves. While the song plays, only
 * two elements slide over them: the playhead and the band of the segment being heard.
 */

import { byId, element } from "../dom.js";
import { createLayer } from "../draw/canvas.js";
import { paintHeatmap } from "../draw/heatmap.js";
import { createSpectrogramPainter } from "../draw/spectrogram.js";
import { paintWaveform } from "../draw/waveform.js";
import { frequencyTicks } from "../mel.js";
import { changedIndices, currentIndex, currentSegment, grainOf, knownEnd_s } from "../state.js";
import { onThemeChange, readTheme } from "../theme.js";
import { formatClock, ticks, xOfTime } from "../time.js";
import { onScrub } from "./scrub.js";

const TICK_GAP_PX = 64;

/** @param readRows `() => rows` of the heatmap, as the list of instruments lies beside it */
export function createLanes(store, seek, readRows) {
  const plots = byId("plots");
  let scene = {};
  let width_px = 0;

  const painters = {
    waveform: paintWaveform,
    spectrogram: createSpectrogramPainter(),
    heatmap: paintHeatmap,
  };
  const layers = Object.entries(painters).map(([id, paint]) =>
    createLayer(byId(id), (context, size, indices) => paint(context, size, indices, scene)),
  );

  function rebuild() {
    const { segments, view, config } = store.get();
    scene = { segments, view, grain: grainOf(config), rows: readRows(), theme: readTheme() };
    width_px = plots.clientWidth;
    for (const layer of layers) layer.redraw();
    placeTicks(view, width_px);
    placeMarks();
  }

  function addSegments(segments, before) {
    scene.segments = segments;
    const changed = changedIndices(before, segments);
    if (segments.length < before.length) rebuild();
    else for (const layer of layers) layer.touch(changed);
    placeTagged(store.get());
  }

  function placeMarks() {
    const state = store.get();
    const { view, time_s } = state;
    const { segment_s } = grainOf(state.config);
    const start_s = currentIndex(state) * segment_s;
    const end_s = currentSegment(state)?.end_s ?? start_s + segment_s;
    place(byId("playhead"), xOfTime(view, width_px, time_s));
    place(byId("band"), xOfTime(view, width_px, start_s), xOfTime(view, width_px, end_s));
    placeTagged(state);
  }

  /** What lies beyond the tagged part is hatched: nothing is claimed about it yet. */
  function placeTagged({ segments, view }) {
    place(byId("untagged"), xOfTime(view, width_px, knownEnd_s(segments)), width_px);
  }

  store.watch((state) => state.segments, addSegments);
  store.render([(s) => s.view, (s) => s.threshold, (s) => s.labels, (s) => s.screen], rebuild);
  store.watch((state) => state.time_s, placeMarks);
  store.watch((state) => state.config, ({ spectrogram }) => placeFrequencies(spectrogram));
  new ResizeObserver(rebuild).observe(plots);
  onThemeChange(rebuild);
  onScrub(plots, () => store.get().view, seek);
}

function place(mark, left_px, right_px = null) {
  mark.style.transform = `translateX(${left_px}px)`;
  if (right_px !== null) mark.style.width = `${Math.max(0, right_px - left_px)}px`;
}

function placeTicks(view, width_px) {
  const marks = ticks(view, width_px, TICK_GAP_PX).map((time_s) => {
    const mark = element("span", { class: "tick" }, [formatClock(time_s)]);
    mark.style.left = `${xOfTime(view, width_px, time_s)}px`;
    return mark;
  });
  byId("axis").replaceChildren(...marks);
}

function placeFrequencies(spectrogram) {
  const marks = frequencyTicks(spectrogram).map(({ label, height }) => {
    const mark = element("span", { class: "frequency" }, [label]);
    mark.style.bottom = `${100 * height}%`;
    return mark;
  });
  byId("frequencies").replaceChildren(...marks);
}
