"""From a trained network to the folder that is served: calibrate, score, export, describe."""

import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import torch

from timbre.audio.front_end import FRONT_END
from timbre.data.table import read_table
from timbre.features.clip_pool import certain
from timbre.features.manifest import PLANS_FILE
from timbre.features.material import decode_table
from timbre.features.mix_audio import CONTEXT_S
from timbre.features.provenance import git_commit
from timbre.features.soundfonts import KIND as RENDERED
from timbre.features.windows import Windows
from timbre.files import file_sha256, write_json, write_text
from timbre.models.any_of import calibrated, group_scores
from timbre.models.calibration import Calibration
from timbre.models.card import model_card
from timbre.models.checkpoint import (
    CARD_FILE,
    CHECKPOINT_FILES,
    MAX_CHECKPOINT_BYTES,
    METRICS_FILE,
    WEIGHT_FILES,
    CheckpointConfig,
    save_config,
)
from timbre.models.evaluation import Scored, mix_metrics, score_windows, solo_metrics, unproven_labels
from timbre.models.export import PARITY_TOLERANCE, export_onnx, parity_error
from timbre.models.lineage import (
    data_digests,
    held_out_but_learned,
    inherited,
    learned_by_label,
    learned_files,
    trained_on,
)
from timbre.models.neighbours import NEIGHBOUR_SHARE
from timbre.models.network import CompactCnn
from timbre.models.stored_weights import load_network, save_weights


def build_checkpoint(
    network: CompactCnn,
    name: str,
    table_dir: Path,
    decoded_dir: Path,
    windows_dir: Path,
    out_dir: Path,
    *,
    init: CheckpointConfig | None = None,
    mean_of: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    """Write the whole checkpoint, its files all at once, and return what `metrics.json` holds.

    Everything is measured on the weights as they are stored. Calibration and thresholds come from
    the validation split; the test split is only scored.

    Parameters
    ----------
    init
        The checkpoint that training began with, whose sources this one has learned from too.
    mean_of
        As `CheckpointConfig`.
    """
    out_dir = out_dir.resolve()
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out_dir.parent, prefix=f".{out_dir.name}.") as temporary:
        unfinished, before = Path(temporary) / "new", Path(temporary) / "before"
        unfinished.mkdir()
        metrics = _build(network, name, table_dir, decoded_dir, windows_dir, unfinished, init, mean_of)
        _put_in_place(unfinished, out_dir, before)
    return metrics


def _put_in_place(new: Path, folder: Path, before: Path) -> None:
    """Put a checkpoint where another one may be, which is moved to `before`; other files stay."""
    if folder.exists():
        for path in folder.iterdir():
            if path.name not in CHECKPOINT_FILES:
                os.replace(path, new / path.name)
        os.replace(folder, before)
    try:
        os.replace(new, folder)
    except OSError:
        if before.exists():
            os.replace(before, folder)
        raise


def _build(
    network: CompactCnn,
    name: str,
    table_dir: Path,
    decoded_dir: Path,
    windows_dir: Path,
    out_dir: Path,
    init: CheckpointConfig | None,
    mean_of: tuple[dict[str, Any], ...],
) -> dict[str, Any]:
    validation, test = Windows(windows_dir / "validation"), Windows(windows_dir / "test")
    labels = validation.labels
    save_weights(network, out_dir)
    stored = load_network(out_dir, len(labels), network.config)
    export_onnx(stored, CONTEXT_S, out_dir)
    on_validation, on_test = score_windows(stored, validation), score_windows(stored, test)
    calibration, thresholds = calibrated(
        on_validation.logits, on_validation.targets, on_validation.known, validation.any_of
    )
    index = decode_table(read_table(table_dir), decoded_dir)
    leaked = held_out_but_learned(index, init) if init else pd.Series(False, index=index.index)
    of_mixes = (windows_dir / "test" / PLANS_FILE).exists()
    metrics = {
        "learned_from": "mixes" if of_mixes else "clips",
        "learned_by_label": learned_by_label(index[certain(index)] if of_mixes else index, labels),
        "validation_mixes": mix_metrics(on_validation, calibration, thresholds, labels),
        "test_mixes": mix_metrics(on_test, calibration, thresholds, labels),
        "validation_groups": _group_scores(on_validation, calibration, validation),
        "test_groups": _group_scores(on_test, calibration, test),
        **_solo_scores(stored, calibration, index[~leaked], decoded_dir, labels),
        "groups_learned_before": _n_learned_before(index[leaked], init),
        "onnx_parity": _checked_parity(stored, out_dir, test),
        "parameters": sum(p.numel() for p in stored.parameters()),
    }
    unproven = unproven_labels((on_validation, on_test), labels)
    write_json(out_dir / METRICS_FILE, metrics)
    config = replace(
        _config(name, stored, labels, calibration, thresholds, unproven, out_dir),
        trained_on=(*trained_on(index), *(inherited(init) if init else ())),
        init=init.full_name if init else None,
        mean_of=mean_of,
        learned_files=learned_files(index, init),
        data=data_digests(table_dir, windows_dir),
    )
    save_config(config, out_dir)
    write_text(out_dir / CARD_FILE, model_card(config, metrics))
    _check_size(out_dir)
    return metrics


def _n_learned_before(leaked: pd.DataFrame, init: CheckpointConfig | None) -> int | None:
    """Held-out groups that the first weights had learned from; None where nobody knows."""
    return None if init and init.learned_files is None else int(leaked["group"].nunique())


def _group_scores(scored: Scored, calibration: Calibration, windows: Windows) -> dict[str, Any]:
    logits = calibration.scale * scored.logits + calibration.bias
    return group_scores(logits, scored.targets, scored.known, windows.any_of, windows.labels)


def _solo_scores(
    network: CompactCnn,
    calibration: Calibration,
    index: pd.DataFrame,
    decoded_dir: Path,
    labels: tuple[str, ...],
) -> dict[str, Any]:
    """Scores of each kind of held-out clip; of a small collection some kinds may have none."""

    def probabilities_of(windows: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return calibration.probabilities(network(torch.from_numpy(windows)).numpy())

    index = index[certain(index)]  # of music by several nobody can say which one label is right
    real, held_out = index["kind"] != RENDERED, index["split"] == "test"
    parts = {
        "solo_test_recordings": index[real & held_out],
        "solo_validation_recordings": index[real & (index["split"] == "validation")],
        "solo_held_out_soundfont": index[~real & (index["split"] == "validation")],
    }
    return {
        name: solo_metrics(probabilities_of, rows, decoded_dir, labels, CONTEXT_S)
        for name, rows in parts.items()
        if any(len(present) for present in rows["present"])
    }


def _checked_parity(network: CompactCnn, folder: Path, windows: Windows) -> float:
    some = windows.batch(np.arange(min(64, len(windows)))).astype(np.float32)
    error = parity_error(network, folder, some)
    if network.margin_s:  # as a song is tagged: many seconds in one pass
        error = max(error, parity_error(network, folder, np.concatenate(list(some), axis=1)[np.newaxis]))
    if error > PARITY_TOLERANCE:
        raise RuntimeError(f"torch and ONNX Runtime differ by {error:.2e} in probability")
    return error


def _config(
    name: str,
    network: CompactCnn,
    labels: tuple[str, ...],
    calibration: Calibration,
    thresholds: np.ndarray,
    unproven: list[str],
    folder: Path,
) -> CheckpointConfig:
    def by_label(values: np.ndarray) -> dict[str, float]:
        return {label: round(float(value), 5) for label, value in zip(labels, values, strict=True)}

    return CheckpointConfig(
        name=name,
        labels=labels,
        front_end=FRONT_END.as_dict(),
        context_s=CONTEXT_S,
        thresholds=by_label(thresholds),
        calibration={
            "method": "platt",
            "scale": by_label(calibration.scale),
            "bias": by_label(calibration.bias),
        },
        margin_s=network.margin_s,
        neighbour_share=NEIGHBOUR_SHARE,
        experimental=tuple(unproven),
        network=network.config.as_dict(),
        commit=git_commit(),
        sha256={file: file_sha256(folder / file) for file in WEIGHT_FILES},
    )


def _check_size(folder: Path) -> None:
    total = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    if total > MAX_CHECKPOINT_BYTES:
        raise RuntimeError(f"the checkpoint has {total} bytes, more than {MAX_CHECKPOINT_BYTES}")
