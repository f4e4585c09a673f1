"""What a training run and its checkpoint say of themselves."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from timbre.errors import TimbreError
from timbre.models.checkpoint import METRICS_FILE, CheckpointConfig, load_config

RUN_FILE = "run.json"  # as timbre.models.trainer names it, which needs torch; a test holds them together
SPLIT_SCORES = {"validation": "validation_mixes", "test": "test_mixes"}  # their names in metrics.json
SOLO_SCORES = {
    "solo_test_recordings": "Test recordings",
    "solo_validation_recordings": "Validation recordings",
    "solo_held_out_soundfont": "Held-out soundfont",
}


@dataclass(frozen=True)
class Record:
    """A checkpoint's configuration and `metrics.json`, and what is left of its run.

    Attributes
    ----------
    numbers
        Of the training (`TrainingConfig`) and what it learned from; empty where nobody wrote them down.
    epochs
        One row an epoch (the index, from 0), a column each score; empty without a log.
    """

    config: CheckpointConfig
    metrics: dict[str, Any]
    numbers: dict[str, Any]
    epochs: pd.DataFrame

    @property
    def learned_from(self) -> str:
        """`mixes`, or `clips` as they are."""
        return str(self.metrics.get("learned_from", "mixes"))


def read_record(model: Path, run_dir: Path) -> Record:
    """Read a checkpoint's folder and that of its run, which need not be there.

    Raises
    ------
    TimbreError
        `bad_checkpoint`.
    """
    return Record(load_config(model), read_metrics(model), read_numbers(run_dir), read_epochs(run_dir))


def read_metrics(model: Path) -> dict[str, Any]:
    """The scores beside a checkpoint.

    Raises
    ------
    TimbreError
        When there are none.
    """
    try:
        metrics = dict(json.loads((model / METRICS_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise TimbreError("bad_checkpoint", f"{model} holds no {METRICS_FILE} that can be read.") from error
    if missing := [name for name in SPLIT_SCORES.values() if name not in metrics]:
        raise TimbreError("bad_checkpoint", f"{model / METRICS_FILE} lacks {' and '.join(missing)}.")
    return metrics


def read_numbers(run_dir: Path) -> dict[str, Any]:
    """What a run wrote down when it began; nothing if it did not."""
    path = run_dir / RUN_FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def read_epochs(run_dir: Path) -> pd.DataFrame:
    """What was logged of each epoch, over all parts of a run that was interrupted."""
    logs = [pd.read_csv(path) for path in sorted(run_dir.glob("log/*/metrics.csv"))]
    return pd.concat(logs).groupby("epoch").last() if logs else pd.DataFrame()
