import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf } from "../../static/js/keyboard.js";
import { KEYS } from "../../static/js/keys.js";

const press = (key, more = {}) => actionOf({ key, shiftKey: false, ...more });

test("the same key means more with Shift where the table says so", () => {
  assert.equal(press("ArrowRight").action, "forward");
  assert.equal(press("ArrowRight", { shiftKey: true }).action, "segmentForward");
  assert.equal(press("x"), null);
});

test("Shift that is only needed to write the sign changes nothing", () => {
  assert.equal(press("+", { shiftKey: true }).action, "zoomIn");
  assert.equal(press("?", { shiftKey: true }).action, "help");
  assert.equal(press("L", { shiftKey: true }).action, "loop");
});

test("digits are digits on every keyboard, with and without Shift", () => {
  assert.deepEqual(press("3", { code: "Digit3" }), { action: "nextEntry", number: 3 });
  assert.deepEqual(press("§", { code: "Digit3", shiftKey: true }), { action: "previousEntry", number: 3 });
  assert.deepEqual(press('"', { code: "Digit3" }), { action: "nextEntry", number: 3 }); // French, unshifted
  assert.equal(press("0", { code: "Digit0" }).action, "wholeSong");
});

test("no key has two meanings, and each is explained once", () => {
  const pressed = KEYS.flatMap(({ keys = ["digit"], shift }) => keys.map((key) => `${key}${shift ? " shift" : ""}`));
  assert.equal(new Set(pressed).size, pressed.length);
  assert.equal(new Set(KEYS.map(({ message }) => message)).size, KEYS.length);
});
