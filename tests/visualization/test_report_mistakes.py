import numpy as np

from timbre.models.scores import Answers
from timbre.visualization.report_mistakes import likeliest, surest_mistakes

LABELS = ("voice", "piano", "flute")


def answers(rows: list[tuple[list[float], str, str]]) -> Answers:
    """Rows of probabilities, and beside them `+` present, `-` absent, `?` unknown; threshold 0.5."""
    truth = np.array([list(signs) for _, signs, _ in rows])
    return Answers(
        labels=LABELS,
        probabilities=np.array([p for p, _, _ in rows]),
        thresholds=np.full(len(LABELS), 0.5),
        targets=truth == "+",
        known=truth != "?",
        groups=[group for _, _, group in rows],
    )


def found(*rows: tuple[list[float], str], n: int = 12) -> list[tuple[int, str, bool]]:
    mistakes = surest_mistakes(answers([(p, signs, str(k)) for k, (p, signs) in enumerate(rows)]), n)
    return [(mistake.row, mistake.label, mistake.named) for mistake in mistakes]


def test_the_surest_stand_first_and_what_nobody_knows_is_no_mistake():
    assert found(
        ([0.6, 0.1, 0.1], "-+-"),  # voice is named, piano is missed: the row is shown once
        ([0.1, 0.9, 0.2], "-?+"),  # flute is missed
        ([0.1, 0.8, 0.1], "---"),  # piano is named
        ([0.9, 0.0, 0.4], "+--"),  # all right
    ) == [(2, "piano", True), (0, "voice", True), (1, "flute", False)]


def test_a_label_appears_once_in_a_kind():
    rows = [([p, 0.0, 0.0], "---") for p in (0.7, 0.9, 0.8)]
    assert found(*rows, ([0.2, 0.0, 0.0], "+--")) == [(1, "voice", True), (3, "voice", False)]


def test_half_are_named_and_half_are_missed():
    rows = [([0.9, 0.8, 0.7], "---"), ([0.7, 0.8, 0.9], "---"), ([0.8, 0.9, 0.7], "---"), ([0.1] * 3, "+++")]
    assert [named for _, _, named in found(*rows, n=4)] == [True, True, False]


def test_the_likeliest_labels_of_a_row():
    one = answers([([0.2, 0.9, 0.5], "+--", "a")])
    assert likeliest(one, 0, 2) == [("piano", 0.9), ("flute", 0.5)]
