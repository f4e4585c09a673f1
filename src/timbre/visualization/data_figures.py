"""What the metadata table holds, as a figure: how much of each instrument, and from where."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from timbre.data.summary import by_instrument, instrument_order
from timbre.data.table import SPLITS
from timbre.files import atomic
from timbre.taxonomy import BY_ID

FIGURE_FILE = "summary.png"
_DPI = 110
_MINUTE_S = 60.0
_WIDTH_INCHES, _ROW_INCHES, _FRAME_INCHES = 11.0, 0.17, 1.5
_MARK = 26  # square points
_OTHER_COLOUR = "#444444"  # of what is no leaf
_MARKERS = {"train": "o", "validation": "^", "test": "s"}


def draw_table(table: pd.DataFrame, figure: Path) -> None:
    """Minutes of every instrument and split, and of every source, on a logarithmic scale.

    The colour is the instrument's family, the form of a mark its split.
    """
    rows = by_instrument(table)
    names = instrument_order(rows["instrument"])[::-1]
    height = _ROW_INCHES * max(len(names), table["dataset"].nunique()) + _FRAME_INCHES
    drawing = Figure(figsize=(_WIDTH_INCHES, height), layout="constrained")
    left, right = drawing.subplots(1, 2, width_ratios=(3, 2))
    _draw_instruments(left, rows, names)
    _draw_sources(right, table)
    with atomic(figure) as temporary:
        drawing.savefig(temporary, dpi=_DPI, format="png")


def _draw_instruments(axes: Axes, rows: pd.DataFrame, names: list[str]) -> None:
    minutes = rows.groupby(["instrument", "split"])["duration_s"].sum() / _MINUTE_S
    places = np.arange(len(names))
    colours = [BY_ID[name].colour if name in BY_ID else _OTHER_COLOUR for name in names]
    for split in SPLITS:
        values = [minutes.get((name, split), np.nan) for name in names]
        marks: dict[str, Any] = {
            "marker": _MARKERS[split],
            "edgecolors": "black",
            "linewidths": 0.4,
            "zorder": 2,
        }
        axes.scatter(values, places, s=_MARK, c=colours, **marks)
        axes.scatter([], [], c="white", label=split, **marks)
    axes.set_yticks(places, [BY_ID[name].name if name in BY_ID else name for name in names], fontsize=7)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(SPLITS), frameon=False, fontsize=8)
    _finish(axes, "minutes of each instrument")


def _draw_sources(axes: Axes, table: pd.DataFrame) -> None:
    sources = table.groupby("dataset").agg(seconds=("duration_s", "sum"), clips=("clip_id", "size"))
    sources = sources.sort_values("seconds")
    places = np.arange(len(sources))
    axes.scatter(sources["seconds"] / _MINUTE_S, places, s=_MARK, c=_OTHER_COLOUR, zorder=2)
    axes.set_yticks(places, [f"{name} ({n:,})" for name, n in sources["clips"].items()], fontsize=7)
    _finish(axes, "minutes of each source (clips)")


def _finish(axes: Axes, title: str) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.set_xlabel(title)
    axes.margins(y=0.02)
    axes.grid(axis="both", color="#dddddd", linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
