import assert from "node:assert/strict";
import { test } from "node:test";
import { contrast, legible, mix } from "../../static/js/colour.js";

test("contrast is WCAG's, and a pale hue is moved just far enough", () => {
  assert.equal(contrast("#000000", "#ffffff").toFixed(2), "21.00");
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
  assert.equal(mix("#000000", "#ffffff", 0.5), "#808080");
  assert.equal(legible("#0072B2", "#faf8f4", "#1f1c18", 2).toUpperCase(), "#0072B2");
  const yellow = legible("#F0E442", "#faf8f4", "#1f1c18", 2);
  assert.ok(contrast(yellow, "#faf8f4") >= 2 && contrast(yellow, "#faf8f4") < 2.4);
});
