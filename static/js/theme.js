/** The colours of the stylesheet, for what is drawn on a canvas; light and dark follow the system. */

import { legible } from "./colour.js";

// What carries meaning must stand out from the paper (WCAG 1.4.11 asks 3 of a shape alone; here
// place, name and number carry the same meaning).
const MINIMUM_CONTRAST = 2;

export function readTheme(styles = getComputedStyle(document.documentElement)) {
  const token = (name) => styles.getPropertyValue(name).trim();
  return { paper: token("--paper"), ink: token("--ink"), line: token("--line"), wave: token("--wave") };
}

/** A family's hue as it is seen on this paper. */
export function hueOn(theme, colour) {
  return legible(colour, theme.paper, theme.ink, MINIMUM_CONTRAST);
}

/** The same hue for the stylesheet: give an element the hue of its family. */
export function takeHue(target, familyId) {
  target.style.setProperty("--hue", `var(--hue-${familyId})`);
}

/** Fill in the hues that `takeHue` refers to. */
export function publishHues(families) {
  const theme = readTheme();
  for (const { id, colour } of families) {
    document.documentElement.style.setProperty(`--hue-${id}`, hueOn(theme, colour));
  }
}

export function onThemeChange(react) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", react);
}
