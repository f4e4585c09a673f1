/** What lies under the mouse: the moment, and the frequency or the instrument with its probability. */

import { byId, setText } from "../dom.js";
import { locale } from "../i18n.js";
import { hzAt } from "../mel.js";
import { currentIndex } from "../state.js";
import { formatClock, timeOfX } from "../time.js";
import { percent } from "../words.js";

const DECIMALS = 1;
const numbers = { Hz: formatterOf(0), kHz: formatterOf(1) };

/** The index of the row at this height, or -1 between families. */
export function rowAt(rows, y_px) {
  return rows.findIndex(({ top_px, height_px }) => y_px >= top_px && y_px < top_px + height_px);
}

function formatterOf(decimals) {
  return new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

export function formatHz(frequency_hz) {
  return frequency_hz < 1000 ? `${numbers.Hz.format(frequency_hz)} Hz` : `${numbers.kHz.format(frequency_hz / 1000)} kHz`;
}

/** Words for the second part of the readout: what is at this height of the lane; null where nothing is. */
function detailOf(state, lane, time_s, { height_px, y_px }, rows) {
  if (lane === "spectrogram") return state.config && formatHz(hzAt(1 - y_px / height_px, state.config.spectrogram));
  if (lane !== "heatmap") return null;
  const label = rowAt(rows, y_px);
  const probability = state.segments[currentIndex({ ...state, time_s })]?.probabilities[label];
  return probability === undefined ? null : `${state.labels[label].name}  ${percent(probability)}`;
}

export function createReadout(store, readRows) {
  const plots = byId("plots");
  const readout = byId("readout");
  const crosshair = byId("crosshair");

  function show(event) {
    if (event.pointerType === "touch" || event.buttons) return hide();
    const box = plots.getBoundingClientRect();
    const x_px = event.clientX - box.left;
    const time_s = timeOfX(store.get().view, box.width, x_px);
    const lane = event.target.getBoundingClientRect();
    const place = { height_px: lane.height, y_px: event.clientY - lane.top };
    const detail = detailOf(store.get(), event.target.id, time_s, place, readRows());
    setText(readout, [formatClock(time_s, DECIMALS), detail].filter(Boolean).join("  "));
    readout.hidden = crosshair.hidden = false;
    crosshair.style.transform = `translateX(${x_px}px)`;
    readout.style.transform = `translate(${x_px}px, ${event.clientY - box.top}px)`;
    readout.classList.toggle("leftward", x_px > box.width / 2);
  }

  function hide() {
    readout.hidden = crosshair.hidden = true;
  }

  plots.addEventListener("pointermove", show);
  plots.addEventListener("pointerdown", hide);
  plots.addEventListener("pointerleave", hide);
}
