"""Fine-tune a pretrained transformer on the table's clips, score it, and write it with its scores."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pandas as pd
import torch
from torch import nn

from timbre.data.table import SPLITS
from timbre.features.provenance import git_commit
from timbre.files import write_json
from timbre.models.any_of import calibrated
from timbre.models.backbone import Backbone, BackboneModule, load_backbone, save_backbone
from timbre.models.backbone_clips import ClipWaveforms, Loader, longest_s, plain_loader, train_loader
from timbre.models.checkpoint import METRICS_FILE
from timbre.models.clip_windows import clip_labels
from timbre.models.evaluation import Scored, mix_metrics
from timbre.models.lineage import trained_on
from timbre.models.trainer import begin_run
from timbre.models.training import Trained, check_windows, fit, windows_facts
from timbre.models.training_config import Hardware, TrainingConfig

FACTS_FILE = "timbre.json"


def fine_tune(
    name: str,
    revision: str | None,
    index: pd.DataFrame,
    decoded: Path,
    run_dir: Path,
    config: TrainingConfig,
    *,
    hardware: Hardware,
    validate_every: int,
    progress: bool = True,
) -> tuple[Trained[Backbone], dict[str, ClipWaveforms]]:
    """Train the backbone `name` on a decoded table, going on from `run_dir`; also the clips of each split.

    Raises
    ------
    TimbreError
        As `timbre.models.training.train` and `load_backbone`.
    """
    labels, longest = clip_labels(index), longest_s(index)
    clips = {
        split: ClipWaveforms(index[index["split"] == split], decoded, labels, longest) for split in SPLITS
    }
    check_windows(clips)
    L.seed_everything(config.seed, verbose=False)
    backbone = load_backbone(name, labels, revision)
    source = {"backbone": name, "revision": revision, "longest_s": longest}
    begin_run(run_dir, {**source, **windows_facts(clips["train"]), **asdict(config)})
    trained = fit(
        BackboneModule(backbone, config),
        train_loader(backbone, clips["train"], config),
        plain_loader(backbone, clips["validation"], config.batch_size),
        run_dir,
        hardware=hardware,
        validate_every=validate_every,
        progress=progress,
    )
    return trained, clips


def write_fine_tuned(
    backbone: Backbone,
    clips: dict[str, ClipWaveforms],
    index: pd.DataFrame,
    source: dict[str, Any],
    batch_size: int,
    folder: Path,
) -> dict[str, Any]:
    """Write model, facts and scores, and return the scores.

    Calibration and thresholds come from the validation split; the test split is only scored.
    """
    labels = clips["train"].labels
    on = {
        split: _scored(backbone, plain_loader(backbone, clips[split], batch_size))
        for split in ("validation", "test")
    }
    held_out = on["validation"]
    calibration, thresholds = calibrated(
        held_out.logits, held_out.targets, held_out.known, clips["validation"].any_of
    )
    metrics = {
        f"{split}_clips": mix_metrics(scored, calibration, thresholds, labels) for split, scored in on.items()
    }
    facts = {
        **source,
        "labels": labels,
        "longest_s": longest_s(index),
        "calibration": {"scale": calibration.scale.tolist(), "bias": calibration.bias.tolist()},
        "thresholds": thresholds.tolist(),
        "trained_on": trained_on(index),
        "commit": git_commit(),
    }
    save_backbone(backbone, folder)
    write_json(folder / FACTS_FILE, facts)
    write_json(folder / METRICS_FILE, metrics)
    return metrics


def _scored(network: nn.Module, loader: Loader) -> Scored:
    logits, targets, known = [], [], []
    with torch.no_grad():
        for inputs, truth, told, _ in loader:
            logits.append(network(inputs).numpy())
            targets.append(truth.numpy() > 0)
            known.append(told.numpy() > 0)
    return Scored(np.concatenate(logits), np.concatenate(targets), np.concatenate(known))
