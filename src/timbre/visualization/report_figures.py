"""The figures of a report: learning, each label's score, its precision and recall, reliability."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from sklearn.metrics import precision_recall_curve

from timbre.models.calibration import Reliability
from timbre.models.scores import Answers
from timbre.taxonomy import BY_ID, FAMILIES
from timbre.visualization.report_style import TEXT_POINTS, Theme, legend, new_figure, plain

_ROW_INCHES, _FRAME_INCHES = 0.19, 0.9
_CURVE_COLUMNS, _CURVE_INCHES = 5, 1.5
_RELIABILITY_COLUMNS, _RELIABILITY_INCHES = 4, 1.9
_CURVES = (
    ("loss", {"training": "train_loss", "validation": "validation_loss"}),
    ("validation", {"mAP": "validation_map", "LRAP": "validation_lrap"}),
    ("learning rate", {"": "learning_rate"}),
)


def learning_curves(epochs: pd.DataFrame, theme: Theme) -> Figure:
    """Loss, validation scores and, where it was logged, the learning rate, by epoch."""
    panels = [(title, lines) for title, lines in _CURVES if epochs.columns.intersection(lines.values()).any()]
    figure = new_figure(theme, 2.6)
    all_axes = np.atleast_1d(figure.subplots(1, len(panels)))
    for axes, (title, lines) in zip(all_axes, panels, strict=True):
        for (name, column), colour in zip(lines.items(), (theme.first, theme.second), strict=False):
            values = epochs[column].dropna() if column in epochs else pd.Series(dtype=float)
            axes.plot(values.index + 1, values, color=colour, marker="o", markersize=2, label=name, lw=1.2)
        plain(axes, theme, xlabel="epoch", title=title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(lines) > 1:
            legend(axes, theme)
    return figure


def label_bars(labels: dict[str, dict[str, Any]], theme: Theme) -> Figure:
    """Average precision of every label that occurs, its interval, and its prevalence: what chance gives."""
    rows = ranked(labels)[::-1]
    figure = new_figure(theme, _ROW_INCHES * len(rows) + _FRAME_INCHES)
    axes, places = figure.subplots(), np.arange(len(rows))
    values = np.array([one["average_precision"] for _, one in rows])
    axes.barh(places, values, 0.72, color=[BY_ID[label].colour for label, _ in rows])
    for place, (_, one) in zip(places, rows, strict=True):
        axes.plot(one["average_precision_interval"], (place, place), color=theme.ink, lw=1)
    axes.plot([prevalence(one) for _, one in rows], places, "|", color=theme.ink, ms=8, mew=1.6)
    axes.set_yticks(places, [f"{BY_ID[label].name} ({one['positives']:,})" for label, one in rows])
    plain(axes, theme, xlabel="average precision", xlim=(0, 1), ylim=(-0.7, len(rows) - 0.3))
    axes.tick_params(axis="y", labelcolor=theme.ink)
    families = {BY_ID[label].family for label, _ in rows}
    marks = [Patch(color=colour, label=name) for id_, (name, colour) in FAMILIES.items() if id_ in families]
    legend(axes, theme, handles=marks, loc="lower right")
    return figure


def ranked(labels: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Those with an average precision, the best first."""
    scored = [(label, one) for label, one in labels.items() if one["average_precision"] is not None]
    return sorted(scored, key=lambda pair: -pair[1]["average_precision"])


def prevalence(one: dict[str, Any]) -> float:
    """Of a label among the windows of which it is known: the average precision of a blind guess."""
    known = one["positives"] + one["negatives"]
    return float(one["positives"] / known) if known else math.nan


def precision_recall(answers: Answers, labels: Sequence[str], theme: Theme) -> Figure:
    """A curve a label; the dot is its threshold, the dashes are its prevalence."""
    figure = new_figure(theme, _CURVE_INCHES * -(-len(labels) // _CURVE_COLUMNS) + 0.3)
    for axes, label in zip(_grid(figure, len(labels), _CURVE_COLUMNS), labels, strict=True):
        _precision_recall(axes, answers, answers.labels.index(label), theme)
        plain(axes, theme, title=BY_ID[label].name, xlim=(0, 1), ylim=(0, 1.02))
    figure.supxlabel("recall", size=TEXT_POINTS, color=theme.soft)
    figure.supylabel("precision", size=TEXT_POINTS, color=theme.soft)
    return figure


def _precision_recall(axes: Axes, answers: Answers, column: int, theme: Theme) -> None:
    rows = answers.known[:, column]
    truth, p = answers.targets[rows, column], answers.probabilities[rows, column]
    precision, recall, _ = precision_recall_curve(truth, p)
    axes.step(recall, precision, where="post", color=theme.first, lw=1.1)
    axes.axhline(truth.mean(), color=theme.soft, lw=0.8, ls="--")
    over = p >= answers.thresholds[column]
    if over.any():
        axes.plot(truth[over].sum() / truth.sum(), truth[over].mean(), "o", color=theme.second, ms=3.5)


def reliability_panels(curves: dict[str, Reliability], theme: Theme) -> Figure:
    """What was stated beside what came true, a panel a name; the larger a dot, the more decisions."""
    n_rows = -(-len(curves) // _RELIABILITY_COLUMNS)
    figure = new_figure(theme, _RELIABILITY_INCHES * n_rows + 0.2)
    panels = _grid(figure, len(curves), _RELIABILITY_COLUMNS)
    for axes, (name, curve) in zip(panels, curves.items(), strict=True):
        axes.plot((0, 1), (0, 1), color=theme.line, lw=1)
        axes.plot(curve.stated, curve.true, color=theme.first, lw=1)
        shares = np.sqrt(np.array(curve.count) / sum(curve.count))
        axes.scatter(curve.stated, curve.true, s=6 + 60 * shares, color=theme.first, lw=0)
        plain(axes, theme, title=name, xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))
    figure.supxlabel("stated", size=TEXT_POINTS, color=theme.soft)
    figure.supylabel("came true", size=TEXT_POINTS, color=theme.soft)
    return figure


def _grid(figure: Figure, n: int, n_columns: int) -> list[Axes]:
    """So many panels in rows, all of one scale."""
    shape = (-(-n // n_columns), n_columns)
    panels = list(figure.subplots(*shape, sharex=True, sharey=True, squeeze=False).ravel())
    for axes in panels[n:]:
        axes.set_visible(False)
    for axes in panels[max(0, n - n_columns) : n]:
        axes.tick_params(labelbottom=True)
    return panels[:n]
