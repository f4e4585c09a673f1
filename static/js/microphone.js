/**
 * The microphone on this page: from the click to the last piece, whatever comes between.
 *
 * While it is on, the state's `live` is `{on: true, keep}`; afterwards `on` is false until another song is
 * opened or the page goes home.
 */

import { browserProblem, t } from "./i18n.js";
import { isOver, knownEnd_s } from "./state.js";
import { spanOf_s } from "./viewport.js";
import { formatMoment } from "./words.js";

export const SPAN_S = 30; // how much of what was heard last is shown, until somebody zooms
const ENDINGS = ["too_long", "queue_full", "disk_full"]; // after these the server tags what it has heard

/** What the state becomes when so much is known: the latest second at the right, once there is more than fits. */
export function latest(segments, span_s = SPAN_S) {
  const known_s = knownEnd_s(segments);
  const end_s = Math.max(known_s, span_s);
  const last = segments.at(-1);
  return {
    length_s: Math.max(known_s, SPAN_S),
    view: { start_s: end_s - span_s, end_s },
    time_s: last ? (last.start_s + last.end_s) / 2 : 0,
  };
}

/**
 * @param parts `{store, session, live, openRecorder, onProblem}`; `live` is that of live.js
 */
export function createMicrophone({ store, session, live, openRecorder, onProblem }) {
  let recorder = null;
  let isStarting = false; // the browser asks the person, the server is asked
  let isHeard = false; // whether the server waits for pieces

  async function start(keep) {
    if (isStarting || store.get().live?.on) return;
    isStarting = true;
    const ticket = session.ticket();
    const isLate = () => ticket !== session.ticket(); // another song is open by now
    try {
      recorder = await openRecorder({ onPiece: (piece) => isHeard && live.say(piece), onLost: stop });
      if (isLate()) await close();
      else await begin(keep, isLate);
    } catch (problem) {
      await close();
      if (!isLate()) onProblem(problem);
    } finally {
      isStarting = false;
    }
  }

  async function begin(keep, isLate) {
    const name = t("live.name", { when: formatMoment(Date.now() / 1000) });
    const id = await live.startMicrophone({ sample_rate_hz: recorder.sample_rate_hz, keep, name });
    if (isLate()) return await abandon(id);
    isHeard = true;
    session.openLive({ id, name, keep });
  }

  /** The server listens to what nobody wants any more. */
  async function abandon(id) {
    live.stopMicrophone();
    session.discard({ id });
    await close();
  }

  /** Off, after the last piece has gone, if the server still waits for one. */
  async function close() {
    const closing = recorder;
    recorder = null;
    await closing?.stop();
  }

  /** Off at once: there is nobody to hear a last piece. */
  function cut() {
    isHeard = false;
    return close();
  }

  /** The microphone is off, and all of the song is shown; `patch` is what else has become of it. */
  function settle(patch = {}) {
    const { live: { keep } } = store.get();
    store.update({ live: { on: false, keep }, ...patch });
    session.fitView();
    store.update({ view: { start_s: 0, end_s: store.get().length_s } });
  }

  async function stop() {
    const { live: shown } = store.get();
    if (!recorder || !shown?.on) return; // off, or about to be
    await close();
    if (store.get().live !== shown) return; // left or lost meanwhile
    isHeard = false;
    live.stopMicrophone();
    settle();
  }

  /** The server hears no more: what it would answer to a last piece must not hide why. */
  function end() {
    isHeard = false;
    stop();
  }

  /** A server that lost the page has stopped to listen, and forgotten what was not to be kept. */
  function lose() {
    const { song, live: { on, keep } } = store.get();
    if (!keep) live.unfollow();
    const patch = keep || isOver(song) ? {} : { song: { ...song, state: "cancelled" } };
    if (!on) return store.update(patch);
    cut();
    settle(patch);
    onProblem(browserProblem("microphone_lost"));
  }

  function showLatest(segments) {
    const { live: shown, follow, view } = store.get();
    if (!shown?.on) return;
    const now = latest(segments, spanOf_s(view));
    store.update(follow ? now : { ...now, view });
  }

  store.watch((s) => s.segments, showLatest);
  store.watch((s) => isOver(s.song), (over) => over && end());
  store.watch((s) => s.live, (shown) => shown === null && cut());
  store.watch((s) => s.problem, (problem) => ENDINGS.includes(problem?.code) && end());
  store.watch((s) => s.connected, (connected) => !connected && store.get().live && lose());
  return { start, stop, level: () => recorder?.level() ?? 0 };
}
