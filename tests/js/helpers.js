/** Stand-ins for what a browser brings along, just as far as the tests need them. */

/** An EventTarget that can fire by name. */
export class Emitter extends EventTarget {
  fire(name, detail = {}) {
    this.dispatchEvent(Object.assign(new Event(name), detail));
  }
}

/** An `<audio>`: `src`, `currentTime`, `paused`, and no sound. */
export class FakeAudio extends Emitter {
  src = "";
  currentTime = 0;
  duration = NaN;
  readyState = 0;
  paused = true;
  ended = false;
  playable = true;
  started = 0;

  canPlayType(type) {
    return this.playable && type ? "maybe" : "";
  }

  load() {
    this.paused = true;
    this.currentTime = 0;
    this.duration = NaN;
    this.fire("emptied");
  }

  async play() {
    this.started += 1;
    this.paused = false;
    this.fire("play");
  }

  pause() {
    this.paused = true;
    this.fire("pause");
  }

  removeAttribute() {
    this.src = "";
  }

  /** The browser has read the head of the file. */
  ready(duration_s) {
    this.duration = duration_s;
    this.readyState = 1;
    this.fire("loadedmetadata");
  }
}

/** What a browser keeps for a page. */
export class FakeStorage {
  items = new Map();

  getItem(key) {
    return this.items.get(key) ?? null;
  }

  setItem(key, value) {
    this.items.set(key, value);
  }

  removeItem(key) {
    this.items.delete(key);
  }
}

/** A Socket.IO client that remembers what it sent. */
export class FakeSocket {
  connected = false;
  active = true;
  sent = [];
  handlers = {};

  on(name, handler) {
    this.handlers[name] = handler;
  }

  emit(name, payload) {
    this.sent.push([name, payload]);
  }

  receive(name, payload) {
    this.handlers[name](payload);
  }

  connect() {
    this.connected = true;
    this.receive("connect");
  }

  drop() {
    this.connected = false;
    this.receive("disconnect");
  }
}

/** A 2d context that writes down its rectangles and pictures. */
export class FakeContext {
  drawn = [];

  fillRect(x, y, width, height) {
    this.drawn.push({ x, y, width, height, colour: this.fillStyle, alpha: this.globalAlpha ?? 1 });
  }

  /** As on a canvas, the place comes last; before it may come the part of the picture. */
  drawImage(picture, ...places) {
    const [x, y, width, height] = places.slice(-4);
    this.drawn.push({ picture, part: places.slice(0, -4), x, y, width, height });
  }

  clearRect() {}
}

export function segment(index, probabilities = [0], more = {}) {
  return { index, start_s: index, end_s: index + 1, probabilities, ...more };
}

export const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
