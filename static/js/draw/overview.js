/** The whole song at a glance: its waveform, and under it a stripe for every family that sounds. */

import { columnsOf, isHeardIn } from "./columns.js";
import { paintWaveform } from "./waveform.js";

const WAVE_SHARE = 0.5; // of the height

/** Rows of the heatmap gathered by family, in the order of the page: `{colour, labels}`. */
export function familiesOf(rows) {
  const families = new Map();
  rows.forEach(({ family, colour }, label) => {
    if (!families.has(family)) families.set(family, { colour, labels: [] });
    families.get(family).labels.push(label);
  });
  return [...families.values()];
}

export function paintOverview(context, size, indices, scene) {
  const wave_px = Math.round(size.height_px * WAVE_SHARE);
  paintWaveform(context, { ...size, height_px: wave_px }, indices, scene);
  const families = familiesOf(scene.rows);
  const stripe_px = (size.height_px - wave_px) / families.length;
  for (const { x0, x1, members } of columnsOf(scene, indices, size.width_px)) {
    context.clearRect(x0, wave_px, x1 - x0, size.height_px - wave_px);
    families.forEach(({ colour, labels }, i) => {
      if (!labels.some((label) => isHeardIn(members, label))) return;
      const top_px = wave_px + Math.round(i * stripe_px);
      context.fillStyle = colour;
      context.fillRect(x0, top_px, x1 - x0, wave_px + Math.round((i + 1) * stripe_px) - top_px);
    });
  }
}
