/** Where each instrument's row lies, for the pictures beside the list. */

import { hueOn, onThemeChange, readTheme } from "../theme.js";
import { thresholdOf } from "../threshold.js";

/**
 * `() => [{top_px, height_px, colour, threshold, family}]` in the labels' order, in CSS pixels.
 *
 * Asking the browser where things lie is slow, so it is asked only when they can have moved.
 */
export function createRowPlaces(store, list, readItems) {
  let places = null;
  const forget = () => {
    places = null;
  };

  function measure() {
    const { threshold } = store.get();
    const theme = readTheme();
    return readItems().map(({ label, item }) => ({
      top_px: item.offsetTop,
      height_px: item.offsetHeight,
      colour: hueOn(theme, label.colour),
      threshold: thresholdOf(label, threshold),
      family: label.family,
    }));
  }

  store.render([(s) => s.labels, (s) => s.config, (s) => s.threshold, (s) => s.screen], forget);
  new ResizeObserver(forget).observe(list);
  onThemeChange(forget);
  return () => (places ??= measure());
}
