/**
 * Instruments by time: a row for every instrument, a cell for every segment.
 *
 * What counts as heard fills its row; what stays below the threshold is a thin, faint line that
 * swells as it comes near. So the picture can be read without its colours.
 */

import { columnsOf, highest } from "./columns.js";

const FAINTEST = 0.03; // below this nothing is drawn
const GAP_PX = 2; // between rows, in CSS pixels

/**
 * How a probability looks: `{share, alpha, heard}`; `share` of the row's height.
 *
 * Null where there is nothing to draw.
 */
export function cellOf(probability, threshold) {
  if (probability >= threshold) return { share: 1, alpha: 0.55 + 0.45 * probability, heard: true };
  if (probability < FAINTEST) return null;
  const nearness = probability / threshold;
  return { share: 0.12 + 0.28 * nearness, alpha: 0.25 + 0.3 * nearness, heard: false };
}

/**
 * @param rows `{top_px, height_px, colour, threshold}` for every label, in CSS pixels
 */
export function paintHeatmap(context, size, indices, { segments, view, rows, theme }) {
  for (const column of columnsOf(segments, indices, view, size.width_px)) {
    context.clearRect(column.x0, 0, column.x1 - column.x0, size.height_px);
    paintStaff(context, column, rows, theme, size.ratio);
    rows.forEach((row, label) => {
      const cell = cellOf(highest(column.members, label), row.threshold);
      if (cell) paintCell(context, column, row, cell, size.ratio);
    });
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
  const full_px = (row.height_px - GAP_PX) * ratio;
  const height_px = Math.max(ratio, full_px * cell.share);
  const middle_px = (row.top_px + row.height_px / 2) * ratio;
  context.fillStyle = row.colour;
  context.globalAlpha = cell.alpha;
  context.fillRect(x0, Math.round(middle_px - height_px / 2), x1 - x0, Math.round(height_px));
}
