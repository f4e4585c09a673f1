/** Keys that work anywhere on the page, and leave alone those that belong to a control. */

import { grainOf } from "./state.js";

const LEAP_S = 5;
const PAGES = 10; // page up and down move by a tenth of the song

/**
 * What a key asks for: `{seek_s}`, `{leap_s}`, `{toggle: true}`, or null.
 *
 * @param where `{duration_s, segment_s}`
 */
export function actionOf({ key, shiftKey }, { duration_s, segment_s }) {
  const step_s = shiftKey ? segment_s : LEAP_S;
  switch (key) {
    case " ":
      return { toggle: true };
    case "ArrowLeft":
      return { leap_s: -step_s };
    case "ArrowRight":
      return { leap_s: step_s };
    case "PageUp":
      return { leap_s: duration_s / PAGES };
    case "PageDown":
      return { leap_s: -duration_s / PAGES };
    case "Home":
      return { seek_s: 0 };
    case "End":
      return { seek_s: duration_s };
    default:
      return null;
  }
}

const SCROLLS = ["PageUp", "PageDown", "Home", "End"];

/** Whether the focused control has a use of its own for this key. */
function isTaken(event) {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (target.id === "seek") return false;
  if (target.closest("input, select, textarea")) return true;
  if (SCROLLS.includes(event.key)) return true;
  return event.key === " " && target.closest("button, a, label, summary") !== null;
}

export function createKeyboard(store, player, seek) {
  addEventListener("keydown", (event) => {
    const { screen, time_s, view, config, playable } = store.get();
    if (screen !== "song" || isTaken(event)) return;
    const action = actionOf(event, { duration_s: view.end_s, segment_s: grainOf(config).segment_s });
    if (!action) return;
    event.preventDefault();
    if (action.toggle) return playable && player.toggle();
    seek(action.seek_s ?? time_s + action.leap_s);
  });
}
