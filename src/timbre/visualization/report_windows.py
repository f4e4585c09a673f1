"""What a report asks of the windows of a split: scores with intervals, and how reliable they are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from timbre.errors import TimbreError
from timbre.models.calibration import Reliability, reliability
from timbre.models.clip_evaluation import evaluate_windows
from timbre.models.scores import Answers, score
from timbre.taxonomy import BY_ID

N_WORST = 7  # labels whose reliability is shown
MIN_POSITIVES = 20  # of a label whose reliability is judged
_SAME_MAP = 0.002  # so far apart may torch and ONNX Runtime be


@dataclass(frozen=True)
class SplitScores:
    """Answers for every window of a split, and `timbre.models.scores.score` of them."""

    answers: Answers
    scores: dict[str, Any]


def score_split(model: Path, folder: Path, stated_map: float | None) -> SplitScores:
    """Score the windows in `folder`.

    Parameters
    ----------
    stated_map
        By the checkpoint; None where nothing was known of single labels.

    Raises
    ------
    TimbreError
        When there are none, or others than those that the checkpoint's own scores are of.
    """
    answers = evaluate_windows(model, folder).answers("leaf")
    scores = score(answers)
    if not _is_same(scores["map"], stated_map):
        raise TimbreError(
            "bad_windows",
            f"The windows in {folder} are not those of the model's scores "
            f"(mAP {scores['map']}, not {stated_map}).",
            "Name the folder that it was trained with.",
        )
    return SplitScores(answers, scores)


def _is_same(found: float | None, stated: float | None) -> bool:
    if found is None or stated is None:
        return found is stated
    return abs(found - stated) <= _SAME_MAP


def reliability_curves(answers: Answers) -> dict[str, Reliability]:
    """Of all decisions together, then of the labels with the worst calibration error, by name."""
    curves = {"All labels": reliability(answers.probabilities[answers.known], answers.targets[answers.known])}
    positives = (answers.targets & answers.known).sum(axis=0)
    judged = [_of_label(answers, int(column)) for column in np.flatnonzero(positives >= MIN_POSITIVES)]
    worst = sorted(judged, key=lambda pair: -_calibration_error(pair[1]))[:N_WORST]
    return {**curves, **{BY_ID[label].name: curve for label, curve in worst}}


def _of_label(answers: Answers, column: int) -> tuple[str, Reliability]:
    rows = answers.known[:, column]
    return answers.labels[column], reliability(
        answers.probabilities[rows, column], answers.targets[rows, column]
    )


def _calibration_error(curve: Reliability) -> float:
    return float(np.average(np.abs(np.subtract(curve.stated, curve.true)), weights=curve.count))
