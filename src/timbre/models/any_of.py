"""Groups of labels of which at least one sounds, nobody knows which: NSynth's families, OpenMIC's guitar.

Each group that occurs is counted and scored as if it were one more label. Groups of windows are
`(n, n_groups, n_labels)` as in `timbre.features.windows.Windows`; those that occur `(k, n_labels)`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbre.models.calibration import Calibration, fit_calibration, fit_thresholds
from timbre.models.metrics import Bools, Floats, class_average_precisions, class_roc_aucs
from timbre.models.scores import rounded

_TINY = np.finfo(np.float64).tiny


def occurring_groups(any_of: NDArray[np.uint8]) -> Bools:
    """`(k, n_labels)`: every group that some window has, once."""
    groups = any_of.reshape(-1, any_of.shape[-1])
    return np.unique(groups[groups.any(axis=1)], axis=0) > 0


def held_groups(any_of: NDArray[np.uint8], groups: Bools) -> Bools:
    """`(n, k)`: which of the groups each window has, as it is or narrower."""
    own, size = any_of.astype(np.float32), any_of.sum(axis=2, dtype=np.float32)[..., None]
    within = (own @ groups.T.astype(np.float32) == size) & (size > 0)
    return np.asarray(within.any(axis=1))


def group_logits(logits: Floats, groups: Bools) -> NDArray[np.float64]:
    """`(n, k)`: the logit that at least one label of a group sounds, if they sound independently.

    It is `log(prod(1 + exp(logit)) - 1)`, and as the loss has it (`timbre.models.losses`).
    """
    not_one = np.logaddexp(0.0, logits.astype(np.float64)) @ groups.T
    return np.asarray(not_one + np.log(-np.expm1(-np.maximum(not_one, _TINY))))


def with_groups(
    logits: Floats, targets: Bools, known: Bools, any_of: NDArray[np.uint8]
) -> tuple[Floats, Bools, Bools]:
    """Logits, targets and known labels `(n, n_labels + k)`, the groups after the labels.

    A group sounds where a window has it or one of its labels is known to sound; it is silent where all
    of them are known to be silent, else unknown.
    """
    groups = occurring_groups(any_of)
    if not len(groups):
        return logits, targets, known
    members = groups.T.astype(np.float32)
    sounds = held_groups(any_of, groups) | ((targets & known) @ members > 0)
    silent = ((~targets & known) @ members == members.sum(axis=0)) & ~sounds
    return (
        np.hstack([logits, group_logits(logits, groups)]),
        np.hstack([targets, sounds]),
        np.hstack([known, sounds | silent]),
    )


def calibrated(
    logits: Floats, targets: Bools, known: Bools, any_of: NDArray[np.uint8]
) -> tuple[Calibration, Floats]:
    """Calibration and thresholds of the labels; what all have in common is drawn from the groups too."""
    n_labels = logits.shape[1]
    logits, targets, known = with_groups(logits, targets, known, any_of)
    fitted = fit_calibration(logits, targets, known)
    thresholds = fit_thresholds(fitted.probabilities(logits), targets, known)
    return Calibration(fitted.scale[:n_labels], fitted.bias[:n_labels]), thresholds[:n_labels]


def group_scores(
    logits: Floats, targets: Bools, known: Bools, any_of: NDArray[np.uint8], labels: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """Average precision and ROC-AUC of every group that occurs, by its labels joined by `|`."""
    logits, targets, known = with_groups(logits, targets, known, any_of)
    precisions = class_average_precisions(targets, logits, known)
    aucs = class_roc_aucs(targets, logits, known)
    return {
        "|".join(np.array(labels)[group]): {
            "positives": int((targets & known)[:, column].sum()),
            "average_precision": rounded(precisions[column]),
            "roc_auc": rounded(aucs[column]),
        }
        for column, group in enumerate(occurring_groups(any_of), len(labels))
    }
