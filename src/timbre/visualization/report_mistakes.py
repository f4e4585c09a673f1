"""Where a model was surest and wrong."""

from dataclasses import dataclass

import numpy as np

from timbre.models.metrics import Bools, Floats
from timbre.models.scores import Answers

N_MISTAKES = 12
N_ANSWERS = 5  # likeliest labels that are shown of a window


@dataclass(frozen=True)
class Mistake:
    """A label that was named and is not there, or is there and was not named.

    Attributes
    ----------
    row
        Of the answers.
    """

    row: int
    label: str
    probability: float
    named: bool


def surest_mistakes(answers: Answers, n: int = N_MISTAKES) -> list[Mistake]:
    """The surest of both kinds, at most `n // 2` of each, surest first.

    Sure is a high probability of what is known absent, or a low one of what is known present. The two
    are kept apart: rare labels have low probabilities nearly everywhere, so missed ones would fill a
    common list. No row is shown twice, and no label twice in a kind.
    """
    p, over = answers.probabilities, answers.probabilities >= answers.thresholds
    named = _surest(p, ~answers.targets & answers.known & over, n // 2)
    fresh = np.isin(np.arange(len(p)), [row for row, _ in named], invert=True)[:, None]
    missed = _surest(-p, answers.targets & answers.known & ~over & fresh, n // 2)
    return [
        Mistake(row, answers.labels[column], float(p[row, column]), is_named)
        for found, is_named in ((named, True), (missed, False))
        for row, column in found
    ]


def _surest(score: Floats, mistaken: Bools, n: int) -> list[tuple[int, int]]:
    """Row and column of the greatest scores among the mistaken, one of each row and column."""
    left = np.where(mistaken, score, -np.inf)
    found: list[tuple[int, int]] = []
    while len(found) < n and np.isfinite(left).any():
        row, column = divmod(int(left.argmax()), left.shape[1])
        found.append((row, column))
        left[row, :] = left[:, column] = -np.inf
    return found


def likeliest(answers: Answers, row: int, n: int = N_ANSWERS) -> list[tuple[str, float]]:
    """The labels of a row with the highest probabilities, and these."""
    order = np.argsort(-answers.probabilities[row], kind="stable")[:n]
    return [(answers.labels[c], float(answers.probabilities[row, c])) for c in order]
