/**
 * The lanes: waveform, spectrogram and heatmap over one axis of time.
 *
 * The pictures change only when segments arrive, the view moves or the threshold does, and what is out
 * of sight is not drawn. What moves with the music slides over them (marks.js).
 */

import { byId, element } from "../dom.js";
import { createLayer } from "../draw/canvas.js";
import { paintHeatmap } from "../draw/heatmap.js";
import { createSpectrogram } from "../draw/spectrogram.js";
import { paintWaveform } from "../draw/waveform.js";
import { frequencyTicks } from "../mel.js";
import { changedIndices, grainOf } from "../state.js";
import { onThemeChange, readTheme } from "../theme.js";
import { decimalsOf, formatClock, ticks, xOfTime } from "../time.js";

const TICK_GAP_PX = 64;

/** @param readRows `() => rows` of the heatmap, as the list of instruments lies beside it */
export function createLanes(store, readRows) {
  const plots = byId("plots");
  const spectrogram = createSpectrogram((index) => layers.spectrogram.touch([index]));
  let scene = {};

  const layerOf = (id, paint) =>
    createLayer(byId(id), (context, size, indices) => paint(context, size, indices, scene));
  const layers = {
    waveform: layerOf("waveform", paintWaveform),
    spectrogram: layerOf("spectrogram", spectrogram.paint),
    heatmap: layerOf("heatmap", paintHeatmap),
  };

  /** Other colours, other rows or another size: what a change of the view alone need not ask for. */
  function restyle() {
    scene = { ...scene, grain: grainOf(store.get().config), rows: readRows(), theme: readTheme() };
    show(store.get());
  }

  function show({ segments, view }) {
    scene = { ...scene, segments, view };
    for (const layer of Object.values(layers)) layer.redraw();
    placeTicks(view, plots.clientWidth);
  }

  function addSegments(segments, before) {
    if (segments.length < before.length) {
      spectrogram.forget();
      return show(store.get());
    }
    scene.segments = segments;
    const changed = changedIndices(before, segments);
    spectrogram.add(changed.filter((i) => segments[i].picture !== before[i]?.picture), scene);
    for (const layer of Object.values(layers)) layer.touch(changed);
  }

  store.render([(s) => s.threshold, (s) => s.labels, (s) => s.screen, (s) => s.config], restyle);
  store.watch((state) => state.segments, addSegments);
  store.watch((state) => state.view, () => show(store.get()));
  store.watch((state) => state.config, ({ spectrogram: range }) => placeFrequencies(range));
  new ResizeObserver(restyle).observe(plots);
  onThemeChange(restyle);
}

function placeTicks(view, width_px) {
  const times = ticks(view, width_px, TICK_GAP_PX);
  const decimals = decimalsOf(times);
  const marks = times.map((time_s) => {
    const mark = element("span", { class: "tick" }, [formatClock(time_s, decimals)]);
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
