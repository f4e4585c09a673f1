"""How often a window is drawn in training, by how rare its labels are."""

import numpy as np
from numpy.typing import NDArray

MAX_WEIGHT = 5.0  # a rare label's windows come so much more often at most, a common one's so much less


def rarity_weights(targets: NDArray[np.uint8], power: float) -> NDArray[np.float64]:
    """`(n,)`: the greatest weight among a window's labels, 1 for a window without any.

    A label weighs `(median count / its count) ** power`, within `MAX_WEIGHT`.

    Parameters
    ----------
    targets
        `(n, n_labels)`, 0 or 1.
    power
        0: all windows alike; 1: all labels alike, as far as the bound allows.
    """
    counts = targets.sum(axis=0, dtype=np.int64)
    occurs = counts > 0
    of_label = np.zeros(len(counts))
    if occurs.any():
        of_label[occurs] = (np.median(counts[occurs]) / counts[occurs]) ** power
        of_label[occurs] = np.clip(of_label[occurs], 1 / MAX_WEIGHT, MAX_WEIGHT)
    greatest = np.max(targets * of_label, axis=1, initial=0.0)
    return np.where(greatest > 0, greatest, 1.0)


def drawn_by_weight(weights: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """As many numbers as there are weights, shuffled, each so often as its share of them.

    Systematic sampling: how often a number comes differs from its share by less than one.
    """
    n = len(weights)
    ends = np.cumsum(weights) * (n / weights.sum())
    drawn = np.searchsorted(ends, rng.random() + np.arange(n), side="right")
    return rng.permutation(np.minimum(drawn, n - 1))
