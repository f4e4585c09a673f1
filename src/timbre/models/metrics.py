"""Scores of a multi-label tagger where some labels of a clip are unknown."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def average_precision(targets: Bools, scores: Floats) -> float:
    """Area under the precision-recall steps; NaN without a positive. `(n,)` each."""
    n_positive = int(targets.sum())
    if n_positive == 0:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits, ordered = targets[order], scores[order]
    last_of_ties = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    true_positives = np.cumsum(hits)[last_of_ties]
    precision = true_positives / (last_of_ties + 1)
    return float(np.sum(precision * np.diff(true_positives, prepend=0)) / n_positive)


def class_average_precisions(targets: Bools, scores: Floats, known: Bools) -> Floats:
    """`(n_labels,)`: average precision of each label over the rows where it is known."""
    columns = range(targets.shape[1])
    values = [average_precision(targets[known[:, c], c], scores[known[:, c], c]) for c in columns]
    return np.array(values, dtype=np.float32)


def label_ranking_average_precision(targets: Bools, scores: Floats, known: Bools) -> float:
    """LRAP over rows with a label, each over its known labels: how high the true ones are ranked."""
    values = []
    for row in np.flatnonzero((targets & known).any(axis=1)):
        row_known = known[row]
        truth, score = targets[row, row_known], scores[row, row_known]
        true_scores = score[truth]
        rank = (score[None, :] >= true_scores[:, None]).sum(axis=1)
        true_rank = (true_scores[None, :] >= true_scores[:, None]).sum(axis=1)
        values.append(float((true_rank / rank).mean()))
    return float(np.mean(values)) if values else float("nan")


@dataclass(frozen=True)
class F1:
    """F1 at the thresholds: `macro` is the mean over labels that occur, `micro` pools all decisions."""

    macro: float
    micro: float
    by_label: Floats  # `(n_labels,)`, NaN for a label that never occurs


def f1_scores(targets: Bools, decisions: Bools, known: Bools) -> F1:
    """F1 of `(n, n_labels)` decisions over what is known."""
    hits = (targets & decisions & known).sum(axis=0)
    wrong = (targets != decisions) & known
    occurs = (targets & known).any(axis=0)
    by_label = np.where(occurs, 2 * hits / np.maximum(1, 2 * hits + wrong.sum(axis=0)), np.nan)
    micro = 2 * hits.sum() / max(1, 2 * hits.sum() + wrong.sum())
    return F1(float(np.nanmean(by_label)) if occurs.any() else float("nan"), float(micro), by_label)


def bootstrap_interval(
    values: NDArray[np.float64], groups: list[str], n_draws: int = 2_000, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of the mean of `values`, drawing whole groups, since their clips are alike."""
    names = sorted(set(groups))
    places = {name: place for place, name in enumerate(names)}
    which = np.array([places[group] for group in groups])
    sums = np.bincount(which, weights=values, minlength=len(names))
    sizes = np.bincount(which, minlength=len(names))
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(names), size=(n_draws, len(names)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
