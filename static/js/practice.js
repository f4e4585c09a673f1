/** Speed, volume and loop: what the store says of them, done to the audio element. */

import { createKept } from "./kept.js";
import { wrapOf } from "./loop.js";

export const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];

/** The next rate in this direction, 1 or -1; the same at either end. */
export function nextRate(rate, direction) {
  const faster = direction > 0 ? RATES : RATES.toReversed();
  return faster.find((one) => (one - rate) * direction > 0) ?? rate;
}

export function createPractice(store, audio, kept = createKept("sound", {})) {
  let before_s = 0; // the position at the last tick

  audio.preservesPitch = true;
  store.update(kept.read());

  store.render([(s) => s.rate], ({ rate }) => {
    audio.defaultPlaybackRate = rate; // what a newly loaded source begins with
    audio.playbackRate = rate;
  });
  store.render([(s) => s.volume, (s) => s.muted], ({ volume, muted }) => {
    audio.volume = volume;
    audio.muted = muted;
    kept.write({ volume, muted });
  });

  /**
   * Where the song is now: back at the start of the loop if its end has just been played past.
   *
   * A person who goes beyond the end means to be there, and is not taken back.
   */
  function looped(time_s) {
    const back_s = audio.seeking ? null : wrapOf(before_s, audio.ended ? Infinity : time_s, store.get().loop);
    before_s = back_s ?? time_s;
    if (back_s === null) return time_s;
    audio.currentTime = back_s;
    if (audio.ended) audio.play().catch(() => {}); // refused: then it rests at the start of the loop
    return back_s;
  }

  return { looped };
}
