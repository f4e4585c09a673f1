/** What was said against the model, marked on its picture, which stays as it is. */

import { byId, element } from "../dom.js";
import { onThemeChange } from "../theme.js";
import { xOfTime } from "../time.js";

/** @param readRows `() => rows` of the heatmap */
export function createCorrectionMarks(store, readRows) {
  const lane = byId("correction-marks");

  function show({ corrections, labels, view }) {
    if (!corrections.length) return lane.replaceChildren();
    const rows = readRows();
    const width_px = lane.clientWidth;
    const xOf = (time_s) => xOfTime(view, width_px, time_s);
    const marks = corrections.map(({ start_s, end_s, label, verdict }) => {
      const row = rows[labels.findIndex(({ id }) => id === label)];
      return row?.height_px && makeMark(verdict, xOf(start_s), xOf(end_s), row);
    });
    lane.replaceChildren(...marks.filter(Boolean));
  }

  store.render([(s) => s.corrections, (s) => s.labels, (s) => s.view, (s) => s.screen], show);
  new ResizeObserver(() => show(store.get())).observe(lane);
  onThemeChange(() => show(store.get()));
}

function makeMark(verdict, left_px, right_px, { top_px, height_px }) {
  const mark = element("span", { "data-verdict": verdict });
  mark.style.transform = `translate(${left_px}px, ${top_px}px)`;
  mark.style.width = `${right_px - left_px}px`;
  mark.style.height = `${height_px}px`;
  return mark;
}
