import assert from "node:assert/strict";
import { test } from "node:test";
import { xOfTime } from "../../static/js/time.js";
import { between, isWhole, pinched, relengthened, scrolled, turned, zoomed } from "../../static/js/viewport.js";

const SONG_S = 600;
const view = { start_s: 100, end_s: 160 };
const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("zooming leaves the moment under the pointer where it is", () => {
  for (const factor of [0.5, 1.5]) {
    const next = zoomed(view, factor, 115, SONG_S);
    close(next.end_s - next.start_s, 60 * factor);
    close(xOfTime(next, 900, 115), xOfTime(view, 900, 115));
  }
});

test("the view stays inside the song, and never becomes too narrow to read", () => {
  assert.deepEqual(zoomed(view, 1000, 115, SONG_S), { start_s: 0, end_s: SONG_S });
  const narrow = zoomed(view, 1e-6, 115, SONG_S);
  close(narrow.end_s - narrow.start_s, 2);
  assert.ok(narrow.start_s <= 115 && narrow.end_s >= 115);
  assert.deepEqual(scrolled(view, -500, SONG_S), { start_s: 0, end_s: 60 });
  assert.deepEqual(scrolled(view, 500, SONG_S), { start_s: 540, end_s: SONG_S });
  assert.deepEqual(zoomed({ start_s: 0, end_s: 0.8 }, 0.5, 0.4, 0.8), { start_s: 0, end_s: 0.8 });
});

test("a stretch pulled out backwards is the same stretch", () => {
  assert.deepEqual(between(30, 20, SONG_S), { start_s: 20, end_s: 30 });
  assert.deepEqual(between(599.5, 599, SONG_S), { start_s: 598, end_s: SONG_S });
});

test("what two fingers touched stays under them", () => {
  const next = pinched([110, 130], [300, 700], 900, SONG_S);
  close(xOfTime(next, 900, 110), 300);
  close(xOfTime(next, 900, 130), 700);
});

test("the page turns only when the playhead has left it, and shows what comes", () => {
  assert.equal(turned(view, 159.9, SONG_S), view);
  const next = turned(view, 160.1, SONG_S);
  assert.ok(next.start_s < 160.1 && next.end_s > 160.1 + 50);
  close(next.end_s - next.start_s, 60);
  assert.equal(turned(next, 160.2, SONG_S), next);
  assert.deepEqual(turned(view, 599, SONG_S), { start_s: 540, end_s: SONG_S });
  assert.ok(turned(view, 30, SONG_S).start_s < 30);
});

test("a loop that fits is seen as a whole and the page stands still; a longer one is followed", () => {
  const next = turned(view, 155, SONG_S, { start_s: 150, end_s: 170 });
  assert.deepEqual(next, { start_s: 130, end_s: 190 });
  for (const time_s of [150, 160, 170]) assert.equal(turned(next, time_s, SONG_S, { start_s: 150, end_s: 170 }), next);
  const long = { start_s: 90, end_s: 200 };
  assert.equal(turned(view, 155, SONG_S, long), view);
  assert.notEqual(turned(view, 165, SONG_S, long), view);
});

test("who sees the whole song sees it grow; who looks at a part goes on looking at it", () => {
  assert.deepEqual(relengthened({ start_s: 0, end_s: 10 }, 10, 14), { start_s: 0, end_s: 14 });
  assert.deepEqual(relengthened({ start_s: 4, end_s: 8 }, 10, 14), { start_s: 4, end_s: 8 });
  assert.deepEqual(relengthened({ start_s: 4, end_s: 8 }, 10, 6), { start_s: 2, end_s: 6 });
  assert.ok(isWhole({ start_s: 0, end_s: 14 }, 14));
});
