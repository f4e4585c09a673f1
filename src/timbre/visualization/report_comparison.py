"""Checkpoints and runs side by side: what they are, their scores, and what may be compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from timbre.errors import TimbreError
from timbre.models.checkpoint import CHECKPOINT_FILES, CONFIG_FILE, load_config
from timbre.models.metrics import bootstrap_interval
from timbre.models.scores import rounded
from timbre.models.weights_license import listed_once
from timbre.visualization.report_run import SOLO_SCORES, SPLIT_SCORES, read_epochs, read_metrics, read_numbers

_SPLIT_SCORES = ("map", "lrap", "f1_macro", "f1_micro", "roc_auc", "calibration_error")
_EPOCH_SCORES = {"map": "validation_map", "lrap": "validation_lrap"}
_TRAINING = ("epochs", "batches_per_epoch", "batch_size", "learning_rate", "balance", "seed")


@dataclass(frozen=True)
class Contender:
    """A checkpoint, or a run that has made none yet.

    Attributes
    ----------
    facts
        What it is: plain values by name.
    scores
        By `validation map`, `test lrap`, `solo_test_recordings top1`, ...
    metrics
        All of `metrics.json`; empty for a run.
    """

    name: str
    facts: dict[str, Any]
    scores: dict[str, float | None]
    metrics: dict[str, Any]


def read_contender(folder: Path) -> Contender:
    """The checkpoint or run in a folder.

    Raises
    ------
    TimbreError
        When it holds neither.
    """
    if (folder / CONFIG_FILE).exists():
        return _checkpoint(folder)
    numbers, epochs = read_numbers(folder), read_epochs(folder)
    if not numbers and epochs.empty:
        raise TimbreError(
            "bad_checkpoint", f"{folder} holds neither a checkpoint nor a run.", "Name models/... or runs/..."
        )
    return Contender(str(folder), _run_facts(numbers, len(epochs)), _best_epoch(epochs), {})


def _run_facts(numbers: dict[str, Any], n_epochs: int) -> dict[str, Any]:
    facts = {name: numbers[name] for name in ("network", *_TRAINING) if name in numbers}
    if "labels" in numbers:
        facts = {"labels": len(numbers["labels"]), "learned_targets": numbers["targets_sha256"][:8], **facts}
    return {**facts, "epochs_done": n_epochs}


def _best_epoch(epochs: pd.DataFrame) -> dict[str, float | None]:
    if _EPOCH_SCORES["map"] not in epochs:
        return {}
    best = epochs.loc[epochs[_EPOCH_SCORES["map"]].idxmax()]
    return {f"validation {key}": rounded(best[name]) for key, name in _EPOCH_SCORES.items()}


def _checkpoint(folder: Path) -> Contender:
    config, metrics = load_config(folder), read_metrics(folder)
    sources = listed_once(config.trained_on)
    sizes = [path.stat().st_size for name in CHECKPOINT_FILES if (path := folder / name).exists()]
    facts = {
        "labels": len(config.labels),
        "network": config.network,
        "parameters": metrics.get("parameters"),
        "size_mb": round(sum(sizes) / 1e6, 2),
        "learned_from": metrics.get("learned_from", "mixes"),
        "init": config.init,
        "sources": len(sources),
        "minutes": round(sum(float(source["minutes"]) for source in sources), 1),
        "commit": config.commit,
    }
    scores = {
        f"{split} {key}": metrics[name].get(key)
        for split, name in SPLIT_SCORES.items()
        for key in _SPLIT_SCORES
    }
    scores |= {f"{name} top1": metrics[name]["top1"] for name in SOLO_SCORES if name in metrics}
    return Contender(str(folder), facts, scores, metrics)


def compare_contenders(contenders: Sequence[Contender]) -> dict[str, Any]:
    """Facts and scores of each, and of every two the differences, second minus first, as plain values."""
    pairs = [_pair(first, second) for first, second in combinations(contenders, 2)]
    return {
        "contenders": [{"name": c.name, "facts": c.facts, "scores": c.scores} for c in contenders],
        "pairs": pairs,
    }


def _pair(first: Contender, second: Contender) -> dict[str, Any]:
    scores = [(name, value, second.scores.get(name)) for name, value in first.scores.items()]
    return {
        "first": first.name,
        "second": second.name,
        "differences": {
            name: round(theirs - ours, 4)
            for name, ours, theirs in scores
            if ours is not None and theirs is not None
        },
        "by_label": {split: _by_label(first, second, name) for split, name in SPLIT_SCORES.items()},
        "unlike": _unlike(first, second),
    }


def _by_label(first: Contender, second: Contender, name: str) -> dict[str, Any] | None:
    """Mean difference of average precision over common labels; None where the windows differ."""
    if not (first.metrics and second.metrics) or _differs(first, second, name):
        return None
    ours, theirs = (one.metrics[name]["labels"] for one in (first, second))
    gains = [
        theirs[label]["average_precision"] - scores["average_precision"]
        for label, scores in ours.items()
        if label in theirs and None not in (scores["average_precision"], theirs[label]["average_precision"])
    ]
    if not gains:
        return None
    low, high = bootstrap_interval(np.array(gains), [str(number) for number in range(len(gains))])
    return {
        "labels": len(gains),
        "better": sum(gain > 0 for gain in gains),
        "difference": rounded(float(np.mean(gains))),
        "interval": [rounded(low), rounded(high)],
    }


def _unlike(first: Contender, second: Contender) -> list[str]:
    """Names of the scores that are of other sound or of other labels."""
    return [
        name
        for name in (*SPLIT_SCORES.values(), *SOLO_SCORES)
        if name in first.metrics and name in second.metrics
        if _differs(first, second, name)
        or first.metrics[name]["labels"].keys() != second.metrics[name]["labels"].keys()
    ]


def _differs(first: Contender, second: Contender, name: str) -> bool:
    """Whether scores are of other windows or clips.

    `metrics.json` says how many there are and how many hold each label; the labels that both know must agree.
    """
    ours, theirs = first.metrics[name], second.metrics[name]
    all_, each = ("windows", "positives") if name in SPLIT_SCORES.values() else ("clips", "clips")
    common = ours["labels"].keys() & theirs["labels"].keys()
    return ours[all_] != theirs[all_] or any(
        ours["labels"][label][each] != theirs["labels"][label][each] for label in common
    )
