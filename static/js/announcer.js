/**
 * Words for a screen reader, one announcement at a time and not faster than they can be heard.
 *
 * Of each topic the latest words win, so that what is said is never stale; between topics the more
 * important one goes first, so that what passes by every second does not drown it.
 */

const TOPICS = ["state", "now"]; // by importance

/** @returns {(topic: string, text: string) => void} what is empty takes back what was waiting */
export function createAnnouncer(say, gap_ms, { now = () => Date.now(), later = setTimeout } = {}) {
  const waiting = {};
  const said = {};
  let lastSaid_ms = -Infinity;
  let timed = false;

  function flush() {
    timed = false;
    const topic = TOPICS.find((one) => waiting[one]);
    if (!topic) return;
    lastSaid_ms = now();
    said[topic] = waiting[topic];
    delete waiting[topic];
    say(said[topic]);
    schedule();
  }

  function schedule() {
    if (timed || !TOPICS.some((one) => waiting[one])) return;
    const wait_ms = lastSaid_ms + gap_ms - now();
    if (wait_ms <= 0) return flush();
    timed = true;
    later(flush, wait_ms);
  }

  return function announce(topic, text) {
    if (text === said[topic]) delete waiting[topic];
    else waiting[topic] = text;
    schedule();
  };
}
