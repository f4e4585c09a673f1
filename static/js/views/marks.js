/** What lies over the lanes: the playhead, the second being heard, the loop, and what is not tagged yet. */

import { byId } from "../dom.js";
import { currentIndex, currentSegment, grainOf, knownEnd_s } from "../state.js";
import { xOfTime } from "../time.js";

export function createMarks(store) {
  const plots = byId("plots");
  let width_px = 0;

  const xOf = (time_s) => xOfTime(store.get().view, width_px, time_s);

  function placePlayhead({ time_s }) {
    slide(byId("playhead"), xOf(time_s));
  }

  function placeBand(state) {
    const { segment_s } = grainOf(state.config);
    const start_s = currentIndex(state) * segment_s;
    stretch(byId("band"), xOf(start_s), xOf(currentSegment(state)?.end_s ?? start_s + segment_s));
  }

  /** What lies beyond the tagged part is hatched: nothing is claimed about it yet. */
  function placeUntagged({ segments }) {
    stretch(byId("untagged"), Math.max(0, xOf(knownEnd_s(segments))), width_px);
  }

  function placeLoop({ loop }) {
    byId("loop").hidden = !loop;
    if (loop) stretch(byId("loop"), xOf(loop.start_s), xOf(loop.end_s));
  }

  const view = (s) => s.view;
  const placers = [
    [placePlayhead, (s) => s.time_s],
    [placeBand, currentIndex, currentSegment],
    [placeUntagged, (s) => s.segments],
    [placeLoop, (s) => s.loop],
  ];
  for (const [place, ...selects] of placers) store.render([view, ...selects], place);
  new ResizeObserver(() => {
    width_px = plots.clientWidth;
    for (const [place] of placers) place(store.get());
  }).observe(plots);
}

/** Moved by the compositor alone: nothing is laid out or painted anew. */
function slide(mark, left_px) {
  mark.style.transform = `translateX(${left_px}px)`;
}

function stretch(mark, left_px, right_px) {
  slide(mark, left_px);
  mark.style.width = `${Math.max(0, right_px - left_px)}px`;
}
