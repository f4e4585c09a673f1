/** From which probability an instrument counts as heard. */

/** Every instrument at the model's own threshold. */
export const OWN_THRESHOLDS = { all: null, own: {} };

/** The one chosen for this label, else the one chosen for all, else the model's. */
export function thresholdOf(label, { all, own }) {
  return own[label.id] ?? all ?? label.threshold;
}

/** The labels heard in a segment, in the labels' own order, so that words never jump about. */
export function soundingLabels(labels, segment) {
  return labels.filter((_, i) => segment.heard[i]);
}

/** The same in few words: where the drum kit is heard, its pieces go without saying. */
export function headlineLabels(labels, segment) {
  const sounding = soundingLabels(labels, segment);
  const ids = new Set(sounding.map(({ id }) => id));
  return sounding.filter((label) => !ids.has(label.piece_of));
}

export function withOwn({ all, own }, id, probability) {
  const { [id]: _, ...others } = own;
  return { all, own: probability === null ? others : { ...others, [id]: probability } };
}
