/** One file at a time on its way to the server. */

import { createTimeLeft } from "./rate.js";

/** @param upload see upload.js */
export function createSending(store, upload) {
  let current = null;

  function stop() {
    current?.cancel();
    current = null;
  }

  /** @returns whether it all arrived; false where it was stopped on the way */
  async function send(url, file) {
    const timeLeft_s = createTimeLeft();
    const total_bytes = file.size;
    const mine = upload(url, file, (loaded_bytes) => {
      if (current !== mine) return;
      store.update({ upload: { loaded_bytes, total_bytes, left_s: timeLeft_s(loaded_bytes, total_bytes) } });
    });
    current = mine;
    try {
      await mine.done;
      return current === mine;
    } finally {
      if (current === mine) current = null;
    }
  }

  return { send, stop, isBusy: () => current !== null };
}
