"""How the training went and what the model is worth, as figures."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # no display is needed

import matplotlib.pyplot as plt
import numpy as np

from timbre.files import atomic
from timbre.taxonomy import instrument
from timbre.visualization.report_run import read_epochs

_DPI = 110


def learning_curve(run_dir: Path, figure: Path) -> None:
    """Loss of training and validation and the validation scores by epoch, over all parts of a run."""
    epochs = read_epochs(run_dir)
    if epochs.empty:
        return
    drawing, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for axes, names in (
        (left, ("train_loss", "validation_loss")),
        (right, ("validation_map", "validation_lrap")),
    ):
        for name in (name for name in names if name in epochs):
            values = epochs[name].dropna()
            axes.plot(values.index + 1, values, marker="o", markersize=3, label=name.replace("_", " "))
        axes.set_xlabel("epoch")
        axes.legend(frameon=False)
    _save(drawing, figure)


def label_scores(metrics: dict[str, Any], figure: Path) -> None:
    """Average precision of every label in mixes of held-out clips, validation beside test."""
    names = ("validation_mixes", "test_mixes")
    labels = list(metrics[names[0]]["labels"])
    scores = np.array(
        [[metrics[n]["labels"][label]["average_precision"] or np.nan for label in labels] for n in names]
    )
    order = np.argsort(np.nan_to_num(scores[0]))
    drawing, axes = plt.subplots(figsize=(7, 0.17 * len(labels) + 1), layout="constrained")
    places = np.arange(len(labels))
    for k, name in enumerate(names):
        axes.barh(places + 0.2 - 0.4 * k, scores[k, order], 0.38, label=name.replace("_", " "))
    axes.set_yticks(places, [instrument(labels[k]).name for k in order], fontsize=7)
    axes.set_xlabel("average precision")
    axes.set_xlim(0, 1)
    axes.legend(frameon=False, loc="lower right")
    _save(drawing, figure)


def _save(drawing: Any, path: Path) -> None:
    with atomic(path) as temporary:
        drawing.savefig(temporary, dpi=_DPI, format="png")
    plt.close(drawing)
