"""All figures of a report, under the names of their files."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from timbre.models.scores import Answers
from timbre.visualization.report_confusion import confusion_counts, draw_confusion
from timbre.visualization.report_figures import (
    label_bars,
    learning_curves,
    precision_recall,
    ranked,
    reliability_panels,
)
from timbre.visualization.report_run import SOLO_SCORES, Record
from timbre.visualization.report_style import Drawing
from timbre.visualization.report_windows import SplitScores, reliability_curves

LEARNING, LABELS, CURVES, RELIABILITY, CONFUSION = (
    "report_learning",
    "report_labels",
    "report_precision_recall",
    "report_reliability",
    "report_confusion",
)


def all_drawings(record: Record, test: SplitScores | None) -> list[Drawing]:
    """Those that there is something to draw of."""
    drawings = [] if record.epochs.empty else [_learning(record.epochs)]
    if test is not None and test.scores["labels_scored"]:
        drawings += _of_test(test.answers, test.scores["labels"])
    return [*drawings, *_confusions(record.metrics)]


def _learning(epochs: pd.DataFrame) -> Drawing:
    alt = "Lines: loss and scores of training and validation by epoch."
    return Drawing(LEARNING, alt, partial(learning_curves, epochs))


def _of_test(answers: Answers, labels: dict[str, dict[str, Any]]) -> Iterator[Drawing]:
    curves, names = reliability_curves(answers), [label for label, _ in ranked(labels)]
    yield Drawing(
        LABELS,
        "Bars: average precision of each instrument with its interval and its prevalence; the table holds "
        "the same numbers.",
        partial(label_bars, labels),
    )
    yield Drawing(
        CURVES,
        "A precision-recall curve for each instrument.",
        partial(precision_recall, answers, names),
    )
    yield Drawing(
        RELIABILITY,
        f"Stated probability beside how often it came true: {', '.join(curves).lower()}.",
        partial(reliability_panels, curves),
    )


def _confusions(metrics: dict[str, Any]) -> Iterator[Drawing]:
    for name, title in SOLO_SCORES.items():
        if name in metrics:
            counts = confusion_counts(metrics[name]["labels"])
            alt = f"Matrix of {title.lower()}: what they are by what was named."
            yield Drawing(f"{CONFUSION}_{name}", alt, partial(draw_confusion, counts))
