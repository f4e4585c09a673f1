/** Which instruments count as heard. */

/** The probability from which a label counts: the one chosen for all, else the label's own. */
export function thresholdOf(label, chosen) {
  return chosen ?? label.threshold;
}

/** The labels heard in a row of probabilities, in the labels' own order, so that words never jump about. */
export function soundingLabels(labels, probabilities, chosen) {
  return labels.filter((label, i) => probabilities[i] >= thresholdOf(label, chosen));
}
