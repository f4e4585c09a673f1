/**
 * The page's one clock: the song position that is being heard.
 *
 * Everything that moves with the music hangs on `onTick`. While the song plays it is called once a
 * frame; while it rests, only when the position changes.
 */

const EVENTS_AT_REST = ["seeking", "seeked", "timeupdate", "pause", "ended", "loadedmetadata", "emptied"];

export function createClock(audio, readTime_s, onTick, frame = requestAnimationFrame) {
  let running = false;

  const tick = () => onTick(readTime_s());
  const loop = () => {
    tick();
    running = !audio.paused && !audio.ended;
    if (running) frame(loop);
  };

  audio.addEventListener("play", () => {
    if (running) return;
    running = true;
    frame(loop);
  });
  for (const name of EVENTS_AT_REST) audio.addEventListener(name, tick);
}
