"""Scores of a listening test: files by their mean, songs by their seconds, and how sure a difference is."""

from typing import Any

import numpy as np

from timbre.models.listening.heard import Heard
from timbre.models.listening.seconds import SecondTruth
from timbre.models.metrics import (
    Bools,
    Floats,
    average_precision,
    bootstrap_interval,
    class_average_precisions,
    label_ranking_average_precision,
    percentiles,
    roc_auc,
    row_ranking_precisions,
    weighted_average_precisions,
)
from timbre.models.scores import rounded
from timbre.taxonomy import OPENMIC

MEASURES = ("solo_top1", "lrap", "map", "micro_ap")
N_DRAWS = 1_000
_VOICE = OPENMIC.index("voice")
_WITHOUT_SOLO = dict.fromkeys(("solo_top1_interval", "commonest", "commonest_top1"))

Truths = dict[int, tuple[SecondTruth, float | None]]


def file_scores(probabilities: Floats, targets: Bools, known: Bools, solo: Bools) -> dict[str, Any]:
    """Scores of `(n_files, 20)` probabilities, and what always naming the commonest label would be worth.

    What the files do not allow to score is None.
    """
    (values,) = _measures(probabilities, targets, known, solo, np.ones((1, len(targets))))
    return {
        "solo_files": int(solo.sum()),
        **{name: rounded(value) for name, value in zip(MEASURES, values, strict=True)},
        **(_of_solos(probabilities[solo], targets[solo]) if solo.any() else _WITHOUT_SOLO),
    }


def _of_solos(probabilities: Floats, targets: Bools) -> dict[str, Any]:
    right = _is_right(probabilities, targets).astype(np.float64)
    low, high = bootstrap_interval(right, [str(number) for number in range(len(right))])
    commonest = int(targets.sum(axis=0).argmax())
    return {
        "solo_top1_interval": [rounded(low), rounded(high)],
        "commonest": OPENMIC[commonest],
        "commonest_top1": rounded(targets[:, commonest].mean()),
    }


def difference(
    means: dict[str, Floats], targets: Bools, known: Bools, solo: Bools
) -> dict[str, list[float | None]]:
    """Model less reference of each measure and its 95 % interval, over files drawn again and again."""
    n = len(targets)
    drawn = np.random.default_rng(0).integers(n, size=(N_DRAWS, n))
    weights = np.stack([np.ones(n), *(np.bincount(rows, minlength=n) for rows in drawn)])
    ours, theirs = (_measures(values, targets, known, solo, weights) for values in means.values())
    gains = ours - theirs
    low, high = percentiles(gains[1:])
    return {
        measure: [rounded(value) for value in (gains[0, column], low[column], high[column])]
        for column, measure in enumerate(MEASURES)
    }


def _measures(probabilities: Floats, targets: Bools, known: Bools, solo: Bools, weights: Floats) -> Floats:
    """`MEASURES` of files that count as often as each row of `(n_draws, n_files)` says, `(n_draws, 4)`.

    NaN in a draw that has nothing to score.
    """
    right = _is_right(probabilities, targets).astype(np.float64)
    ranking = row_ranking_precisions(targets, probabilities, known)
    by_label = [
        weighted_average_precisions(targets[told, c], probabilities[told, c], weights[:, told])
        for c, told in enumerate(known.T)
    ]
    files, columns = np.nonzero(known)
    micro = weighted_average_precisions(
        targets[files, columns], probabilities[files, columns], weights[:, files]
    )
    of_solos = [_weighted_mean(values[solo], weights[:, solo]) for values in (right, ranking)]
    return np.stack([*of_solos, _mean(np.array(by_label)), micro], axis=1)


def _weighted_mean(values: Floats, weights: Floats) -> Floats:
    """`(n_draws,)`."""
    total = weights.sum(axis=1)
    return np.where(total > 0, weights @ values / np.maximum(total, 1.0), np.nan)


def _mean(by_label: Floats) -> Floats:
    """Of `(n_labels, ...)` over the labels that have a value."""
    there = np.isfinite(by_label)
    n = there.sum(axis=0)
    return np.where(n > 0, np.where(there, by_label, 0.0).sum(axis=0) / np.maximum(n, 1), np.nan)


def _is_right(probabilities: Floats, targets: Bools) -> Bools:
    return targets[np.arange(len(targets)), probabilities.argmax(axis=1)]


def _joined(heard: list[Heard], truths: Truths) -> tuple[Bools, Floats, Bools]:
    """Targets, probabilities and known of the seconds of all of these files, `(n, 20)` each."""
    parts = []
    for row, (truth, _) in truths.items():
        n = min(len(truth.targets), len(heard[row].seconds))
        parts.append((truth.targets[:n], heard[row].seconds[:n], truth.known[:n]))
    targets, seconds, known = (np.concatenate(part) for part in zip(*parts, strict=True))
    return targets, seconds, known


def second_scores(heard: list[Heard], truths: Truths) -> dict[str, float | None]:
    """Scores of the seconds of songs whose score is known."""
    targets, seconds, known = _joined(heard, truths)
    return {
        "seconds": len(targets),
        "lrap": rounded(label_ranking_average_precision(targets, seconds, known)),
        "map": rounded(float(_mean(class_average_precisions(targets, seconds, known)))),
        "micro_ap": rounded(average_precision(targets[known], seconds[known])),
    }


def voice_scores(heard: list[Heard], truths: Truths) -> dict[str, float | None]:
    """How well seconds of singing are told from the others of the same songs."""
    targets, seconds, known = _joined(heard, truths)
    told = known[:, _VOICE]
    truth, scores = targets[told, _VOICE], seconds[told, _VOICE]
    return {
        "seconds": int(told.sum()),
        "singing": int(truth.sum()),
        "roc_auc": rounded(roc_auc(truth, scores)),
        "ap": rounded(average_precision(truth, scores)),
    }
