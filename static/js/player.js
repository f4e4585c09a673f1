/**
 * What is heard: the browser's own copy of the file at once, the server's sound where that is better.
 *
 * The server's is better when this browser cannot play the file, when the page was reloaded and the
 * copy is gone, and when the file's own seeking is not exact (then the tags would drift away from
 * the sound after a jump).
 */

import { clamp } from "./time.js";

const TYPES = {
  mp3: "audio/mpeg",
  wav: "audio/wav",
  flac: "audio/flac",
  ogg: "audio/ogg",
  opus: 'audio/ogg; codecs="opus"',
  m4a: "audio/mp4",
  mp4: "audio/mp4",
  aac: "audio/aac",
  aiff: "audio/aiff",
  webm: "audio/webm",
};

export function mimeTypeOf(file) {
  return file.type || TYPES[file.name.split(".").at(-1).toLowerCase()] || "";
}

/**
 * Whether to change over to the server's sound now.
 *
 * @param source "none", "local", "server" or "broken" (the local copy did not play)
 * @param playback the song's `{url, exact, ready}`, or null
 */
export function shouldUseServer(source, playback) {
  if (!playback?.ready || source === "server") return false;
  return source !== "local" || playback.exact === false;
}

export function createPlayer(audio, { onPlayable, onPlaying, onUnplayable }) {
  let source = "none";
  let offered = null; // the server's sound, as last heard of
  let objectUrl = null;
  // Where to go on once the new source has loaded: its own clock is at 0 until then.
  let resume = null; // {time_s, play}

  const time_s = () => resume?.time_s ?? audio.currentTime;

  function release() {
    if (objectUrl) URL.revokeObjectURL(objectUrl);
    objectUrl = null;
  }

  function load(url, next) {
    resume = next;
    audio.src = url;
    audio.load();
  }

  function close() {
    source = "none";
    offered = null;
    resume = null;
    audio.pause();
    audio.removeAttribute("src");
    audio.load();
    release();
    onPlayable(false);
  }

  function openLocal(file) {
    close();
    if (!audio.canPlayType(mimeTypeOf(file))) {
      resume = { time_s: 0, play: true };
      return;
    }
    source = "local";
    objectUrl = URL.createObjectURL(file);
    load(objectUrl, { time_s: 0, play: true });
  }

  function offer(playback) {
    offered = playback;
    if (!shouldUseServer(source, playback)) return;
    const next = resume ?? { time_s: audio.currentTime, play: !audio.paused };
    source = "server";
    load(playback.url, next);
    release();
  }

  async function play() {
    // A browser may refuse to start without a click; then the play button is there to be clicked.
    await audio.play().catch(() => onPlaying(false));
  }

  function seek(wanted_s) {
    const end_s = Number.isFinite(audio.duration) ? audio.duration : wanted_s;
    const target_s = clamp(wanted_s, 0, end_s);
    if (resume) resume.time_s = target_s;
    else audio.currentTime = target_s;
  }

  audio.addEventListener("loadedmetadata", () => {
    const next = resume;
    resume = null;
    if (next?.time_s) audio.currentTime = next.time_s;
    onPlayable(true);
    if (next?.play) play();
  });
  // A browser that loads nothing unasked, to save data, is asked by the play button.
  audio.addEventListener("suspend", () => {
    if (source !== "none" && audio.readyState === 0) onPlayable(true);
  });
  audio.addEventListener("error", () => {
    if (source === "none") return;
    resume ??= { time_s: audio.currentTime, play: !audio.paused };
    onPlayable(false);
    if (source === "server") return onUnplayable();
    source = "broken";
    offer(offered);
  });
  for (const name of ["play", "pause", "ended"]) {
    audio.addEventListener(name, () => onPlaying(!audio.paused && !audio.ended));
  }

  return {
    openLocal,
    offer,
    close,
    seek,
    time_s,
    toggle: () => (audio.paused ? play() : audio.pause()),
    duration_s: () => (Number.isFinite(audio.duration) ? audio.duration : null),
  };
}
