/** Colours as `#rrggbb`, mixed and compared. */

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** `share` of `to` in `from`, channel by channel. */
export function mix(from, to, share) {
  const [a, b] = [channels(from), channels(to)];
  const mixed = a.map((value, i) => Math.round(value + (b[i] - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** Relative luminance, 0 to 1 (WCAG 2). */
export function luminance(hex) {
  const [r, g, b] = channels(hex).map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio, 1 to 21 (WCAG 2). */
export function contrast(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

/**
 * The colour moved towards `ink` just as far as it takes to stand out from `background`.
 *
 * The families' hues are chosen to stay apart for colour-blind eyes, not to be seen on every paper:
 * yellow on white needs help, and keeps its hue.
 */
export function legible(hex, background, ink, minimum) {
  for (let share = 0; share < 1; share += 0.05) {
    const candidate = mix(hex, ink, share);
    if (contrast(candidate, background) >= minimum) return candidate;
  }
  return ink;
}
