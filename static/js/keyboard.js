/** Keys that work anywhere on the page, and leave alone those that belong to a control. */

import { KEYS } from "./keys.js";

/** The digit on a key, also where it takes Shift to write it or where Shift makes another sign of it. */
function digitOf({ key, code = "" }) {
  const digit = code.match(/^(?:Digit|Numpad)([1-9])$/)?.[1] ?? key.match(/^[1-9]$/)?.[0];
  return digit === undefined ? null : Number(digit);
}

/**
 * What a key asks for: `{action, number}` with an action of keys.js, or null.
 *
 * Shift counts for keys that have a meaning with it; elsewhere it may be what it takes to write the sign.
 */
export function actionOf(event) {
  const number = digitOf(event);
  const rows = KEYS.filter((row) => (row.digits ? number !== null : row.keys.includes(event.key)));
  const withShift = rows.some((row) => row.shift);
  const row = rows.find((one) => !withShift || Boolean(one.shift) === Boolean(event.shiftKey));
  return row ? { action: row.action, number: row.digits ? number : null } : null;
}

const MOVES = /^(Arrow|Home|End|Page)/;

/** Whether a key is held that makes another command of it; on some keyboards it takes one to write a bracket. */
function isCombined(event) {
  if (event.metaKey) return true;
  if (event.getModifierState("AltGraph") || (event.altKey && "[]".includes(event.key))) return false;
  return event.ctrlKey || event.altKey;
}

/** Whether the focused control has a use of its own for this key. */
function isTaken({ target, key }) {
  if (target.closest("dialog, select, textarea, [contenteditable]")) return true;
  const input = target.closest("input");
  if (input?.type === "range") return MOVES.test(key);
  if (input && input.type !== "checkbox") return true;
  return key === " " && target.closest("button, a, label, summary, input") !== null;
}

/** @param actions by the names of keys.js; one that is not there is not done */
export function createKeyboard(store, actions) {
  addEventListener("keydown", (event) => {
    if (store.get().screen !== "song" || event.defaultPrevented || isCombined(event) || isTaken(event)) return;
    const { action, number } = actionOf(event) ?? {};
    if (!actions[action]) return;
    event.preventDefault();
    actions[action](number);
  });
}
