/** Whose labels a song's numbers belong to. */

import { nameLabels } from "./i18n.js";

/**
 * The labels in the order of the song's probabilities: `modelLabels`, or those of the model that
 * tagged the song, which may have been another one.
 */
export async function labelsOf(song, modelLabels, getLabels) {
  if (song.labels.join() === modelLabels.map(({ id }) => id).join()) return modelLabels;
  return nameLabels(await getLabels(song.id));
}
