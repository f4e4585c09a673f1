/** Words for a screen reader, not faster than they can be heard: the latest wins. */

export function createAnnouncer(say, gap_ms, { now = () => Date.now(), later = setTimeout } = {}) {
  let lastSaid_ms = -Infinity;
  let lastText = "";
  let waiting = null;
  let timed = false;

  function flush() {
    timed = false;
    if (waiting === null || waiting === lastText) return;
    lastSaid_ms = now();
    lastText = waiting;
    waiting = null;
    say(lastText);
  }

  return function announce(text) {
    waiting = text;
    if (timed) return;
    const wait_ms = lastSaid_ms + gap_ms - now();
    if (wait_ms <= 0) return flush();
    timed = true;
    later(flush, wait_ms);
  };
}
