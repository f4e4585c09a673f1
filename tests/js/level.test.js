import assert from "node:assert/strict";
import { test } from "node:test";
import { levelOf } from "../../static/js/level.js";

const sine = (amplitude) => Float32Array.from({ length: 1000 }, (_, i) => amplitude * Math.sin((2 * Math.PI * i) / 100));
const near = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-6, `${value} is not ${expected}`);

test("silence is 0, full scale is 1, and decibels are spread evenly between", () => {
  assert.equal(levelOf(new Float32Array(100)), 0);
  assert.equal(levelOf(new Float32Array(100).fill(1)), 1);
  near(levelOf(new Float32Array(100).fill(0.1)), 1 - 20 / 60);
  near(levelOf(sine(1)), 1 - 10 * Math.log10(2) / 60); // the root mean square of a sine is 3 dB below its peak
  near(levelOf(sine(0.01)), 1 - (40 + 10 * Math.log10(2)) / 60);
});

test("what is louder than full scale, or quieter than can be shown, stays on the scale", () => {
  assert.equal(levelOf(new Float32Array(10).fill(3)), 1);
  assert.equal(levelOf(new Float32Array(10).fill(1e-6)), 0);
});
