/** The song as a picture over one axis of time, with what is played in it: every view that moves with the music. */

import { createControls } from "./controls.js";
import { createEntryButtons, createInstruments } from "./instruments.js";
import { createLanes } from "./lanes.js";
import { createMarks } from "./marks.js";
import { createOptions } from "./options.js";
import { createOverview } from "./overview.js";
import { createRange } from "./range.js";
import { createReadout } from "./readout.js";
import { createTransport } from "./transport.js";
import { createZoom } from "./zoom.js";

/** @returns where each instrument's row lies, see instruments.js */
export function createPicture(store, actions) {
  const readRows = createInstruments(store);
  createEntryButtons(store, actions);
  createOptions();
  createLanes(store, readRows);
  createMarks(store);
  createOverview(store, actions, readRows);
  createZoom(store, actions);
  createRange(store, actions);
  createReadout(store, readRows);
  createTransport(store, actions);
  createControls(store, actions);
  return readRows;
}
