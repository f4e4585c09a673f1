"""Every score of a set of clips, with 95 % intervals that draw whole groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from timbre.models.metrics import (
    Bools,
    Floats,
    group_numbers,
    group_weights,
    percentiles,
    row_ranking_precisions,
    weighted_average_precisions,
    weighted_roc_aucs,
)

N_DRAWS = 500
_BLOCK_WEIGHTS = 4_000_000  # numbers that a block of draws may hold


@dataclass(frozen=True)
class Answers:
    """What a model says of clips beside what is true; arrays are `(n, n_labels)`.

    Attributes
    ----------
    known
        Where the truth is; the rest counts nowhere.
    groups
        `(n,)` names of what the clips share.
    """

    labels: tuple[str, ...]
    probabilities: Floats
    thresholds: Floats
    targets: Bools
    known: Bools
    groups: Sequence[str]


@dataclass(frozen=True)
class _Values:
    """Scores of `n_draws` samples: of each label `(n_draws, n_labels)`, of all `(n_draws,)`."""

    average_precision: Floats
    roc_auc: Floats
    f1: Floats
    f1_micro: Floats
    lrap: Floats

    def overall(self) -> dict[str, Floats]:
        return {
            "map": _mean(self.average_precision),
            "f1_macro": _mean(self.f1),
            "f1_micro": self.f1_micro,
            "roc_auc": _mean(self.roc_auc),
            "lrap": self.lrap,
        }

    def of_label(self, number: int) -> dict[str, Floats]:
        columns = {"average_precision": self.average_precision, "f1": self.f1, "roc_auc": self.roc_auc}
        return {name: values[:, number] for name, values in columns.items()}


def score(answers: Answers, *, n_draws: int = N_DRAWS, seed: int = 0) -> dict[str, Any]:
    """mAP, macro and micro F1, macro ROC-AUC and LRAP, and each label's own, as plain values.

    Beside every `name` stands `name_interval`. F1 is at the thresholds; macro values are means over the
    labels that have one; a score that the clips do not allow is None. So is a ranking where nothing is
    known to be absent, which would be perfect whatever the model says; and the interval of a single group.
    """
    ranked = row_ranking_precisions(answers.targets, answers.probabilities, answers.known)
    all_true = ~(~answers.targets & answers.known).any(axis=1)
    ranked[all_true & ~answers.known.all(axis=1)] = np.nan
    measured = _values(answers, ranked, np.ones((1, len(answers.groups)), np.float32))
    drawn = _drawn(answers, ranked, n_draws, seed) if len(set(answers.groups)) > 1 else None
    present, absent = answers.targets & answers.known, ~answers.targets & answers.known
    return {
        "clips": len(answers.groups),
        "groups": len(set(answers.groups)),
        "labels_scored": int(present.any(axis=0).sum()),
        **_with_intervals(measured.overall(), drawn.overall() if drawn else None),
        "labels": {
            label: {
                "positives": int(present[:, c].sum()),
                "negatives": int(absent[:, c].sum()),
                **_with_intervals(measured.of_label(c), drawn.of_label(c) if drawn else None),
            }
            for c, label in enumerate(answers.labels)
        },
    }


def _with_intervals(measured: dict[str, Floats], drawn: dict[str, Floats] | None) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in measured.items():
        out[name] = rounded(value[0])
        ends = percentiles(drawn[name]) if drawn else (np.nan, np.nan)
        out[f"{name}_interval"] = [rounded(end) for end in ends]
    return out


def rounded(value: float) -> float | None:
    """Four digits, which is more than any interval allows; None for what is no number."""
    return round(float(value), 4) if np.isfinite(value) else None


def _drawn(answers: Answers, ranked: Floats, n_draws: int, seed: int) -> _Values:
    blocks = [_values(answers, ranked, weights) for weights in _weights(answers.groups, n_draws, seed)]
    names = _Values.__dataclass_fields__
    return _Values(**{name: np.concatenate([getattr(block, name) for block in blocks]) for name in names})


def _weights(groups: Sequence[str], n_draws: int, seed: int) -> Iterator[Floats]:
    """Bootstrap samples in blocks, since all at once need not fit into memory."""
    rng, which = np.random.default_rng(seed), group_numbers(groups)
    a_block = max(1, _BLOCK_WEIGHTS // len(which))
    for start in range(0, n_draws, a_block):
        yield group_weights(which, min(a_block, n_draws - start), rng)


def _values(answers: Answers, ranked: Floats, weights: Floats) -> _Values:
    """Scores of samples in which row i counts `weights[:, i]` times; `ranked` is what it adds to LRAP."""
    decisions = answers.probabilities >= answers.thresholds
    hits = weights @ (answers.targets & decisions & answers.known).astype(np.float32)
    wrong = weights @ ((answers.targets != decisions) & answers.known).astype(np.float32)
    positives = weights @ (answers.targets & answers.known).astype(np.float32)
    negatives = weights @ (~answers.targets & answers.known).astype(np.float32)
    precisions = _by_label(weighted_average_precisions, answers, weights)
    return _Values(
        average_precision=np.where(negatives > 0, precisions, np.nan),
        roc_auc=_by_label(weighted_roc_aucs, answers, weights),
        f1=np.where(positives > 0, _f1(hits, wrong), np.nan),
        f1_micro=_f1(hits.sum(axis=1), wrong.sum(axis=1)),
        lrap=_weighted_mean(ranked, weights),
    )


def _by_label(function: Any, answers: Answers, weights: Floats) -> Floats:
    columns = []
    for c in range(len(answers.labels)):
        rows = answers.known[:, c]
        columns.append(function(answers.targets[rows, c], answers.probabilities[rows, c], weights[:, rows]))
    return np.stack(columns, axis=1)


def _f1(hits: Floats, wrong: Floats) -> Floats:
    return 2 * hits / np.maximum(2 * hits + wrong, 1.0)


def _weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Of the finite values, `(n_draws,)`."""
    there = np.isfinite(values)
    total = weights[:, there].sum(axis=1)
    return np.where(total > 0, weights[:, there] @ values[there] / np.maximum(total, 1.0), np.nan)


def _mean(by_label: Floats) -> Floats:
    """Of each draw over the labels that have a value."""
    there = np.isfinite(by_label)
    n = there.sum(axis=1)
    return np.where(n > 0, np.where(there, by_label, 0.0).sum(axis=1) / np.maximum(n, 1), np.nan)
