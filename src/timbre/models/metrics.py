"""Scores of a multi-label tagger where some labels of a clip are unknown."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

INTERVAL_PERCENTILES = (2.5, 97.5)
_TINY = 1e-12  # in the place of a zero that would divide


def average_precision(targets: Bools, scores: Floats) -> float:
    """Area under the precision-recall steps; NaN without a positive. `(n,)` each."""
    return float(weighted_average_precisions(targets, scores, _ones(targets))[0])


def weighted_average_precisions(targets: Bools, scores: Floats, weights: Floats) -> Floats:
    """Average precision of `(n,)` rows that count as often as each row of `(n_draws, n)` weights says.

    Returns
    -------
    values
        `(n_draws,)`, NaN for a draw without a positive.
    """
    true_positives, false_positives = _running_counts(targets, scores, weights)
    decided = np.maximum(true_positives + false_positives, _TINY)
    found = np.diff(true_positives, axis=1, prepend=0.0)
    total = true_positives[:, -1] if true_positives.size else np.zeros(len(weights))
    return _ratio((true_positives / decided * found).sum(axis=1), total)


def roc_auc(targets: Bools, scores: Floats) -> float:
    """Chance that a positive is above a negative, ties half; NaN where there are not both. `(n,)` each."""
    return float(weighted_roc_aucs(targets, scores, _ones(targets))[0])


def weighted_roc_aucs(targets: Bools, scores: Floats, weights: Floats) -> Floats:
    """Area under the ROC curve, as `weighted_average_precisions`."""
    true_positives, false_positives = _running_counts(targets, scores, weights)
    if not true_positives.size:
        return np.full(len(weights), np.nan)
    above = true_positives - np.diff(true_positives, axis=1, prepend=0.0) / 2
    area = (above * np.diff(false_positives, axis=1, prepend=0.0)).sum(axis=1)
    return _ratio(area, true_positives[:, -1] * false_positives[:, -1])


def _ones(targets: Bools) -> Floats:
    return np.ones((1, len(targets)))


def _running_counts(targets: Bools, scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Positives and negatives at or above each score that occurs, highest first, `(n_draws, n_scores)`."""
    order = np.argsort(-scores, kind="stable")
    last_of_ties = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)[: len(order)]
    ordered = weights[:, order]
    positives = np.cumsum(ordered * targets[order], axis=1)[:, last_of_ties]
    return positives, np.cumsum(ordered, axis=1)[:, last_of_ties] - positives


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, _TINY), np.nan)


def class_average_precisions(targets: Bools, scores: Floats, known: Bools) -> Floats:
    """`(n_labels,)`: average precision of each label over the rows where it is known."""
    columns = range(targets.shape[1])
    values = [average_precision(targets[known[:, c], c], scores[known[:, c], c]) for c in columns]
    return np.array(values, dtype=np.float32)


def class_roc_aucs(targets: Bools, scores: Floats, known: Bools) -> Floats:
    """`(n_labels,)`: area under the ROC curve of each label over the rows where it is known."""
    columns = range(targets.shape[1])
    return np.array([roc_auc(targets[known[:, c], c], scores[known[:, c], c]) for c in columns])


def label_ranking_average_precision(targets: Bools, scores: Floats, known: Bools) -> float:
    """LRAP over rows with a label, each over its known labels: how high the true ones are ranked."""
    values = row_ranking_precisions(targets, scores, known)
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def row_ranking_precisions(targets: Bools, scores: Floats, known: Bools) -> Floats:
    """`(n,)`: what each row adds to LRAP; NaN for a row without a label."""
    values = np.full(len(targets), np.nan)
    for row in np.flatnonzero((targets & known).any(axis=1)):
        row_known = known[row]
        truth, score = targets[row, row_known], scores[row, row_known]
        true_scores = score[truth]
        rank = (score[None, :] >= true_scores[:, None]).sum(axis=1)
        true_rank = (true_scores[None, :] >= true_scores[:, None]).sum(axis=1)
        values[row] = (true_rank / rank).mean()
    return values


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
    values: NDArray[np.float64], groups: Sequence[str], n_draws: int = 2_000, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of the mean of `values`, drawing whole groups, since their clips are alike."""
    which = group_numbers(groups)
    n_groups = which.max() + 1
    sums = np.bincount(which, weights=values, minlength=n_groups)
    sizes = np.bincount(which, minlength=n_groups)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(n_groups, size=(n_draws, n_groups))
    low, high = percentiles(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return float(low), float(high)


def group_numbers(groups: Sequence[str]) -> NDArray[np.int64]:
    """`(n,)`: each group's name as a number from 0."""
    places = {name: place for place, name in enumerate(sorted(set(groups)))}
    return np.array([places[group] for group in groups], dtype=np.int64)


def group_weights(which: NDArray[np.int64], n_draws: int, rng: np.random.Generator) -> Floats:
    """How often each row is in a bootstrap sample of whole groups, `(n_draws, n)`."""
    n_groups = int(which.max()) + 1
    drawn = rng.integers(n_groups, size=(n_draws, n_groups))
    counts = np.stack([np.bincount(draw, minlength=n_groups) for draw in drawn])
    return counts[:, which].astype(np.float32)


def percentiles(draws: Floats) -> Floats:
    """Ends of the interval that holds 95 % of the draws, `(2, ...)`; NaN where a column has no number."""
    columns = draws.reshape(len(draws), -1).T
    ends = [_ends(column[np.isfinite(column)]) for column in columns]
    return np.array(ends).T.reshape(2, *draws.shape[1:])


def _ends(column: Floats) -> Floats:
    return np.percentile(column, INTERVAL_PERCENTILES) if len(column) else np.full(2, np.nan)
