"""Which instrument was taken for which, from the scores of single-instrument clips."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from timbre.taxonomy import BY_ID
from timbre.visualization.report_style import FIGURE_INCHES, SMALL_POINTS, Theme, new_figure, plain

OTHERS = "others"  # clips of which the metrics do not say what they were taken for
_CELL_INCHES, _NAMES_INCHES = 0.24, 1.9


def confusion_counts(labels: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Clips by what they are (index) and what was named (columns); labels that occur, in their order.

    `labels` are those of `timbre.models.evaluation.solo_metrics`.
    """
    cells = {label: _row(label, one) for label, one in labels.items()}
    named = {name for row in cells.values() for name, n in row.items() if n}
    columns = [label for label in [*BY_ID, OTHERS] if label in named | labels.keys()]
    rows = [[cells[label].get(column, 0) for column in columns] for label in labels]
    return pd.DataFrame(rows, index=list(labels), columns=columns)


def _row(label: str, one: dict[str, Any]) -> dict[str, int]:
    right = round(one["clips"] * one["top1"])
    others = one["clips"] - right - sum(one["taken_for"].values())
    return {label: right, **one["taken_for"], OTHERS: others}


def draw_confusion(counts: pd.DataFrame, theme: Theme) -> Figure:
    """Rows are true, columns named; the number counts clips, the shade is the share of the row."""
    n_rows, n_columns = counts.shape
    width = max(FIGURE_INCHES, _CELL_INCHES * n_columns + _NAMES_INCHES)
    figure = new_figure(theme, _CELL_INCHES * n_rows + _NAMES_INCHES, width)
    axes, clips = figure.subplots(), counts.to_numpy()
    shares = clips / np.maximum(clips.sum(axis=1, keepdims=True), 1)
    axes.imshow(_blend(theme.paper, theme.first, shares))
    for row, column in zip(*np.nonzero(clips), strict=True):
        colour = theme.paper if shares[row, column] > 0.4 else theme.ink
        place = {"ha": "center", "va": "center"}
        axes.text(column, row, str(clips[row, column]), place, size=SMALL_POINTS, color=colour)
    plain(axes, theme, xlabel="named", ylabel="true")
    axes.set_xticks(range(n_columns), [_name(label) for label in counts.columns], rotation=90)
    axes.set_yticks(range(n_rows), [_name(label) for label in counts.index])
    axes.tick_params(labelcolor=theme.ink)
    return figure


def _blend(start: str, end: str, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """`(..., 3)` between two `#rrggbb`; the root lets a small share be seen."""
    first, last = (np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]) for colour in (start, end))
    return first + np.sqrt(shares)[..., None] * (last - first)


def _name(label: str) -> str:
    return BY_ID[label].name if label in BY_ID else label
