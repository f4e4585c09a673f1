/** A server that was started with another model while this page was open. */

import { labelsOf } from "./labels.js";

/**
 * Names and rows of a song must be of one model.
 *
 * @param live `{refollow}`, see live.js
 * @returns what to do with a song as the server tells it, before the store has it
 */
export function createModelCheck({ store, api, live }) {
  let asking = null; // the id of the song whose labels are on their way

  function isOther({ model, labels: ids }) {
    const { song: known, labels } = store.get();
    return (known?.model && known.model !== model) || ids.join() !== labels.map(({ id }) => id).join();
  }

  /** All rows come again, under the names that belong to them. */
  async function relabel(song) {
    const labels = await labelsOf(song, store.get().labels, api.getLabels);
    if (store.get().song?.id !== song.id) return;
    store.update({ labels, segments: [] });
    live.refollow(song.id);
  }

  return async function check(song) {
    if (asking === song.id || !isOther(song)) return;
    asking = song.id;
    await relabel(song).catch(() => {}); // what the server tells next of the song asks again
    asking = null;
  };
}
