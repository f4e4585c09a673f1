/**
 * Instruments by time: a row for every instrument, a cell for every segment.
 *
 * What counts as heard fills its row; what stays below the threshold is a thin, faint line that
 * swells as it comes near. So the picture can be read without its colours.
 */

import { columnsOf, highest, isHeardIn, runsOf } from "./columns.js";

const FAINTEST = 0.03; // below this nothing is drawn
const GAP_PX = 2; // between rows, in CSS pixels
const TALLEST_PX = 22; // of a cell; rows may be taller where fingers need room

/**
 * How a probability looks: `{share, alpha}`; `share` of the row's height.
 *
 * Null where there is nothing to draw.
 */
export function cellOf(probability, threshold, heard) {
  if (heard) return { share: 1, alpha: 0.55 + 0.45 * probability };
  if (probability < FAINTEST) return null;
  const nearness = Math.min(1, probability / threshold);
  return { share: 0.12 + 0.28 * nearness, alpha: 0.25 + 0.3 * nearness };
}

/**
 * The scene's `rows` are `{top_px, height_px, colour, threshold}` for every label, in CSS pixels; one of no
 * height is not to be seen.
 */
export function paintHeatmap(context, size, indices, scene) {
  const { theme } = scene;
  const rows = scene.rows.map((row, label) => ({ ...row, label })).filter(({ height_px }) => height_px > 0);
  const columns = columnsOf(scene, indices, size.width_px);
  for (const run of runsOf(columns)) {
    context.clearRect(run.x0, 0, run.x1 - run.x0, size.height_px);
    paintStaff(context, run, rows, theme, size.ratio);
  }
  for (const row of rows) {
    context.fillStyle = row.colour;
    for (const column of columns) {
      const heard = isHeardIn(column.members, row.label);
      const cell = cellOf(highest(column.members, row.label), row.threshold, heard);
      if (cell) paintCell(context, column, row, cell, size.ratio);
    }
  }
  context.globalAlpha = 1;
}

/** A hairline along every row, to lead the eye from a cell to its name. */
function paintStaff(context, { x0, x1 }, rows, theme, ratio) {
  context.fillStyle = theme.line;
  context.globalAlpha = 1;
  for (const row of rows) {
    context.fillRect(x0, Math.round((row.top_px + row.height_px / 2) * ratio), x1 - x0, 1);
  }
}

function paintCell(context, { x0, x1 }, row, cell, ratio) {
  const full_px = Math.min(row.height_px - GAP_PX, TALLEST_PX) * ratio;
  const height_px = Math.max(ratio, full_px * cell.share);
  const middle_px = (row.top_px + row.height_px / 2) * ratio;
  context.globalAlpha = cell.alpha;
  context.fillRect(x0, Math.round(middle_px - height_px / 2), x1 - x0, Math.round(height_px));
}
