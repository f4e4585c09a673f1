/** Pictures decoded when they are wanted; the ones wanted longest ago are let go. */

const CAPACITY = 256; // of 100 x 128 pixels: 13 MB

export function createPictures(decode, capacity = CAPACITY) {
  const held = new Map(); // by the picture's bytes, the one wanted last at the end
  const coming = new Set();

  /** The decoded picture, or undefined. */
  function get(picture) {
    const bitmap = held.get(picture);
    if (bitmap) keep(picture, bitmap);
    return bitmap;
  }

  function keep(picture, bitmap) {
    held.delete(picture);
    held.set(picture, bitmap);
    for (const [oldest, old] of held) {
      if (held.size <= capacity) break;
      held.delete(oldest);
      old.close();
    }
  }

  /** Decode and keep it, then call `ready(bitmap)`. One that cannot be decoded leaves its place empty. */
  async function fetch(picture, ready) {
    if (coming.has(picture)) return;
    coming.add(picture);
    const bitmap = await decode(picture).catch(() => null);
    coming.delete(picture);
    if (!bitmap) return;
    keep(picture, bitmap);
    ready(bitmap);
  }

  return { get, fetch };
}
