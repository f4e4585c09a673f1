/** Small things that stay in this browser and are sent nowhere. */

/**
 * @returns {{read: () => any, write: (value: any) => void, clear: () => void}} what is kept under this
 *   name, as JSON; `fallback` where nothing is kept, or where the browser keeps nothing at all
 */
export function createKept(name, fallback, storage = globalThis.localStorage) {
  const key = `timbre/${name}`;

  const attempt = (use) => {
    try {
      return use();
    } catch {
      return undefined; // private windows and full disks: the page works without
    }
  };
  return {
    read: () => attempt(() => JSON.parse(storage.getItem(key))) ?? fallback,
    write: (value) => attempt(() => storage.setItem(key, JSON.stringify(value))),
    clear: () => attempt(() => storage.removeItem(key)),
  };
}
