/** Looking about in the song: what the buttons, the wheel and the keys do to the view. */

import { holds, isWhole, scrolled, turned, zoomed } from "./viewport.js";

const ZOOM_STEP = 1.5;
const SCROLL_STEP = 0.5; // of what is seen

export function createNavigation(store) {
  /** Show this; who has scrolled away from the playhead is no longer taken along by it. */
  function show(view, follow) {
    const { length_s } = store.get();
    store.update({ view, follow: follow || isWhole(view, length_s) });
  }

  /** `factor` times as much song; without an anchor about the playhead, or the middle where that is out of sight. */
  function zoomBy(factor, anchor_s = null) {
    const { view, length_s, time_s, follow } = store.get();
    const middle_s = (view.start_s + view.end_s) / 2;
    const next = zoomed(view, factor, anchor_s ?? (holds(view, time_s) ? time_s : middle_s), length_s);
    show(next, follow && holds(next, time_s));
  }

  function scrollBy(by_s) {
    const { view, length_s } = store.get();
    const next = scrolled(view, by_s, length_s);
    if (next.start_s !== view.start_s) show(next, false);
  }

  function scrollPages(pages) {
    const { view } = store.get();
    scrollBy(pages * SCROLL_STEP * (view.end_s - view.start_s));
  }

  function toggleFollow() {
    const { follow, view, time_s, length_s, loop } = store.get();
    if (isWhole(view, length_s)) return;
    store.update({ follow: !follow, view: follow ? view : turned(view, time_s, length_s, loop) });
  }

  return {
    show,
    zoomBy,
    scrollBy,
    toggleFollow,
    zoomIn: () => zoomBy(1 / ZOOM_STEP),
    zoomOut: () => zoomBy(ZOOM_STEP),
    wholeSong: () => show({ start_s: 0, end_s: store.get().length_s }, true),
    scrollLeft: () => scrollPages(-1),
    scrollRight: () => scrollPages(1),
  };
}
