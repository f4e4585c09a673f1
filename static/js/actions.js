/** What a person can do to the playback, by key or by button; keys.js names these. */

import { entryTimes, nextEntry, numberedLabels, previousEntry } from "./entries.js";
import { loopBetween } from "./loop.js";
import { nextRate } from "./practice.js";
import { currentIndex, grainOf } from "./state.js";

const LEAP_S = 5;

/** @param seek `(time_s)`: go there, and show it */
export function createActions({ store, player, seek, navigation }) {
  const leap = (by_s) => seek(store.get().time_s + by_s);
  const segment_s = () => grainOf(store.get().config).segment_s;
  const changeRate = (direction) => store.update({ rate: nextRate(store.get().rate, direction) });

  function toggle() {
    if (store.get().playable) player.toggle();
  }

  /** Choose the stretch between two moments to be looped. */
  function drawLoop(one_s, other_s) {
    store.update({ loop: loopBetween(one_s, other_s, store.get().length_s) });
  }

  function enterLoop() {
    const { loop, time_s } = store.get();
    if (loop && (time_s < loop.start_s || time_s >= loop.end_s)) seek(loop.start_s);
  }

  function toggleLoop() {
    if (store.get().loop) return store.update({ loop: null });
    const start_s = currentIndex(store.get()) * segment_s();
    drawLoop(start_s, start_s + segment_s());
  }

  /** Go to where this label (an index) enters; `choose` picks among all its entries. */
  function goToEntry(label, choose) {
    const { segments, time_s } = store.get();
    const entry_s = choose(entryTimes(segments, label), time_s);
    if (entry_s !== null) seek(entry_s);
  }

  function goToNumbered(number, choose) {
    const label = numberedLabels(store.get().segments)[number - 1];
    if (label !== undefined) goToEntry(label, choose);
  }

  return {
    ...navigation,
    toggle,
    drawLoop,
    enterLoop,
    loop: toggleLoop,
    seek,
    leap,
    back: () => leap(-LEAP_S),
    forward: () => leap(LEAP_S),
    segmentBack: () => leap(-segment_s()),
    segmentForward: () => leap(segment_s()),
    toStart: () => seek(0),
    toEnd: () => seek(store.get().length_s),
    slower: () => changeRate(-1),
    faster: () => changeRate(1),
    mute: () => store.update({ muted: !store.get().muted }),
    follow: navigation.toggleFollow,
    nextEntryOf: (label) => goToEntry(label, nextEntry),
    previousEntryOf: (label) => goToEntry(label, previousEntry),
    nextEntry: (number) => goToNumbered(number, nextEntry),
    previousEntry: (number) => goToNumbered(number, previousEntry),
  };
}
