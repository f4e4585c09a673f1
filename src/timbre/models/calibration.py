"""Probabilities that mean what they say, and the thresholds to decide by: fitted on validation alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbre.models.metrics import Bools, Floats

# A label with so many positives is fitted half by itself, half by all: docs/evaluation.md has the figures.
SHRINK_POSITIVES = 200.0
SHRINK_THRESHOLD_POSITIVES = 30.0
_NEWTON_STEPS = 30
_RIDGE = 1e-3
THRESHOLD_GRID = np.round(np.arange(0.05, 0.951, 0.025), 3)
RELIABILITY_BINS = 10
MIN_THRESHOLD = 0.3  # below it a page would light up for guesses


@dataclass(frozen=True)
class Calibration:
    """Platt's scaling: `sigmoid(scale * logit + bias)`, `(n_labels,)` each."""

    scale: Floats
    bias: Floats

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated probabilities of `(n, n_labels)` logits."""
        return sigmoid(self.scale * logits + self.bias)


def sigmoid(x: Floats) -> Floats:
    """Logistic function, safe for large arguments."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0))), dtype=np.float32)


def fit_platt(logits: Floats, targets: Bools) -> tuple[float, float]:
    """Scale and bias by Newton's method, with Platt's soft targets against overconfidence.

    Platt, "Probabilistic outputs for support vector machines", 1999. `(n,)` each.
    """
    n_positive, n_negative = int(targets.sum()), int((~targets).sum())
    goals = np.where(targets, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2)).astype(np.float64)
    inputs = np.stack([logits.astype(np.float64), np.ones(len(logits))], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(_NEWTON_STEPS):
        p = sigmoid(inputs @ weights).astype(np.float64)
        gradient = inputs.T @ (p - goals) + _RIDGE * (weights - [1.0, 0.0])
        curvature = (inputs * (p * (1 - p))[:, None]).T @ inputs + _RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step * min(1.0, 2.0 / max(1e-9, float(np.abs(step).max())))
    return float(weights[0]), float(weights[1])


def fit_calibration(logits: Floats, targets: Bools, known: Bools) -> Calibration:
    """One scale and bias a label, drawn towards those of all labels together where it is rare.

    All are `(n, n_labels)` of the validation split.
    """
    scale_all, bias_all = fit_platt(logits[known], targets[known])
    n_labels = logits.shape[1]
    scale, bias = np.full(n_labels, scale_all), np.full(n_labels, bias_all)
    for c in range(n_labels):
        rows = known[:, c]
        n_positive = int(targets[rows, c].sum())
        if n_positive == 0 or n_positive == rows.sum():
            continue
        own_scale, own_bias = fit_platt(logits[rows, c], targets[rows, c])
        share = n_positive / (n_positive + SHRINK_POSITIVES)
        if own_scale > 0:  # a label whose order is upside down says nothing of its own
            scale[c] += share * (own_scale - scale_all)
            bias[c] += share * (own_bias - bias_all)
    return Calibration(scale.astype(np.float32), bias.astype(np.float32))


def fit_thresholds(probabilities: Floats, targets: Bools, known: Bools) -> Floats:
    """The threshold of best F1 for each label, drawn towards the best common one where it is rare."""
    common = _best_threshold(probabilities[known], targets[known])
    thresholds = np.full(probabilities.shape[1], common)
    for c in range(probabilities.shape[1]):
        rows = known[:, c]
        n_positive = int(targets[rows, c].sum())
        if n_positive:
            own = _best_threshold(probabilities[rows, c], targets[rows, c])
            share = n_positive / (n_positive + SHRINK_THRESHOLD_POSITIVES)
            thresholds[c] = common + share * (own - common)
    return np.maximum(thresholds, MIN_THRESHOLD).round(3).astype(np.float32)


def _best_threshold(probabilities: NDArray[np.float32], targets: Bools) -> float:
    decisions = probabilities[None, :] >= THRESHOLD_GRID[:, None]
    hits = (decisions & targets).sum(axis=1)
    f1 = 2 * hits / np.maximum(1, decisions.sum(axis=1) + targets.sum())
    best = np.flatnonzero(f1 >= f1.max() - 1e-9)
    # The middle of the longest stretch: between two stretches F1 is lower.
    stretches = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)
    return float(np.median(THRESHOLD_GRID[max(stretches, key=len)]))


@dataclass(frozen=True)
class Reliability:
    """How often a label was there (`true`) where the model said `stated` on average, bin by bin.

    Attributes
    ----------
    count
        Decisions in each bin; bins without any are left out.
    """

    stated: list[float]
    true: list[float]
    count: list[int]


def reliability(probabilities: Floats, targets: Bools, n_bins: int = RELIABILITY_BINS) -> Reliability:
    """The reliability curve of one label over bins of equal width, `(n,)` each."""
    bins = np.minimum((probabilities * n_bins).astype(int), n_bins - 1)
    count = np.bincount(bins, minlength=n_bins)
    stated = np.bincount(bins, weights=probabilities, minlength=n_bins)
    true = np.bincount(bins, weights=targets, minlength=n_bins)
    there = count > 0
    return Reliability(
        (stated[there] / count[there]).round(4).tolist(),
        (true[there] / count[there]).round(4).tolist(),
        count[there].tolist(),
    )


def calibration_error(probabilities: Floats, targets: Bools, known: Bools, n_bins: int = 15) -> float:
    """Expected calibration error over all known decisions: mean gap of stated and true frequency."""
    p, t = probabilities[known], targets[known].astype(np.float64)
    bins = np.minimum((p * n_bins).astype(int), n_bins - 1)
    stated = np.bincount(bins, weights=p, minlength=n_bins)
    true = np.bincount(bins, weights=t, minlength=n_bins)
    return float(np.abs(stated - true).sum() / max(1, len(p)))
