/**
 * Every key that works anywhere on the page, in the order of the help.
 *
 * `keys` are values of `KeyboardEvent.key`; `action` names what is done (see actions.js); `caps` is what
 * stands on the keys, where it is a word the key of its translation; `message` is the key of the
 * sentence in the locales that says what happens.
 */
export const KEYS = [
  { keys: [" "], action: "toggle", caps: ["cap.space"], message: "keys.toggle" },
  { keys: ["ArrowLeft"], action: "back", caps: ["←"], message: "keys.back" },
  { keys: ["ArrowRight"], action: "forward", caps: ["→"], message: "keys.forward" },
  { keys: ["ArrowLeft"], shift: true, action: "segmentBack", caps: ["cap.shift", "←"], message: "keys.segment_back" },
  { keys: ["ArrowRight"], shift: true, action: "segmentForward", caps: ["cap.shift", "→"], message: "keys.segment_forward" },
  { keys: ["Home"], action: "toStart", caps: ["cap.home"], message: "keys.to_start" },
  { keys: ["End"], action: "toEnd", caps: ["cap.end"], message: "keys.to_end" },
  { keys: ["["], action: "slower", caps: ["["], message: "keys.slower" },
  { keys: ["]"], action: "faster", caps: ["]"], message: "keys.faster" },
  { keys: ["l", "L"], action: "loop", caps: ["L"], message: "keys.loop" },
  { keys: ["m", "M"], action: "mute", caps: ["M"], message: "keys.mute" },
  { keys: ["+", "="], action: "zoomIn", caps: ["+"], message: "keys.zoom_in" },
  { keys: ["-"], action: "zoomOut", caps: ["−"], message: "keys.zoom_out" },
  { keys: ["0"], action: "wholeSong", caps: ["0"], message: "keys.whole_song" },
  { keys: [","], action: "scrollLeft", caps: [","], message: "keys.scroll_left" },
  { keys: ["."], action: "scrollRight", caps: ["."], message: "keys.scroll_right" },
  { keys: ["f", "F"], action: "follow", caps: ["F"], message: "keys.follow" },
  { digits: true, action: "nextEntry", caps: ["1", "…", "9"], message: "keys.next_entry" },
  { digits: true, shift: true, action: "previousEntry", caps: ["cap.shift", "1", "…", "9"], message: "keys.previous_entry" },
  { keys: ["?"], action: "help", caps: ["?"], message: "keys.help" },
];
