"""`timbre train`: from windows, or from clips, to a checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from timbre.cli.data import table_option
from timbre.cli.features import decoded_option, windows_option
from timbre.models.training_config import FINE_TUNING, Hardware, TrainingConfig
from timbre.paths import MODELS_DIR, PROJECT_ROOT

if TYPE_CHECKING:
    from timbre.models.training import Trained

RUNS_DIR = PROJECT_ROOT / "runs"
NAME, BACKBONE_NAME = "default", "backbone"
VALIDATE_EVERY = 2

_NUMBERS = {
    "epochs": f"Of {TrainingConfig.batches_per_epoch} batches each.",
    "batches_per_epoch": "The windows are gone through from epoch to epoch.",
    "batch_size": f"{FINE_TUNING.batch_size} with --backbone.",
    "learning_rate": f"{FINE_TUNING.learning_rate:g} with --backbone.",
    "patience": "Stop after so many validations without a better mAP; 0: never.",
    "balance": "0: windows come as they are; 1: those of rare labels as often as others.",
    "seed": "Of everything that is drawn.",
}


def _training_options(command: Any) -> Any:
    """Numbers of `TrainingConfig`; None where the user leaves the choice."""
    for name, help_text in reversed(_NUMBERS.items()):
        default = getattr(TrainingConfig, name)
        flag = f"--{name.replace('_', '-')}"
        option = click.option(flag, type=type(default), show_default=f"{default:g}", help=help_text)
        command = option(command)
    return command


def _hardware_options(command: Any) -> Any:
    """Lightning's own words, passed through."""
    for name, help_text in (
        ("precision", "bf16-mixed pays on a GPU; on most CPUs it is far slower."),
        ("strategy", "ddp for several processes."),
        ("nodes", "Machines; start the same command on each, as Lightning's cluster guide says."),
        ("devices", "How many, or which."),
        ("accelerator", "cpu, gpu, ..."),
    ):
        default = getattr(Hardware, name)
        command = click.option(f"--{name}", default=default, show_default=True, help=help_text)(command)
    return command


@click.command()
@click.option("--name", help="Name of the model.", show_default=NAME)
@click.option(
    "--from",
    "source",
    type=click.Choice(["mixes", "clips"]),
    default="mixes",
    show_default=True,
    help="Learn from the mixes, or from the table's clips as they are (notes, one-shots, single labels).",
)
@click.option("--size", type=click.Choice(["small", "base", "large"]), default="base", show_default=True)
@click.option(
    "--pooling",
    type=click.Choice(["mean_max", "attention", "linear_softmax"]),
    default="mean_max",
    show_default=True,
    help="Over time.",
)
@click.option("--backbone", help="Fine-tune this audio transformer (Hub id or folder) on the table's clips.")
@click.option("--revision", help="Of the backbone on the Hub.")
@_training_options
@click.option(
    "--validate-every", default=VALIDATE_EVERY, show_default=True, help="Epochs; the last one always is."
)
@_hardware_options
@click.option("--threads", default=1, show_default=True, help="CPU threads; more pay on idle cores.")
@click.option(
    "--in-memory/--mapped", default=True, show_default=True, help="Hold the windows in memory, 77 KB each."
)
@windows_option
@table_option
@decoded_option
@click.option(
    "--run",
    "run_dir",
    type=click.Path(file_okay=False, path_type=Path),
    show_default="runs/NAME",
    help="Folder of the run's state; a run that was interrupted goes on from it.",
)
@click.option(
    "--out",
    "out_dir",
    type=click.Path(file_okay=False, path_type=Path),
    show_default="models/NAME",
    help="Folder of the checkpoint.",
)
@click.option(
    "--figures",
    "figures_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=PROJECT_ROOT / "reports" / "figures",
    show_default="reports/figures",
    help="Folder of the figures.",
)
def train(
    name: str | None,
    source: str,
    size: str,
    pooling: str,
    backbone: str | None,
    revision: str | None,
    validate_every: int,
    threads: int,
    in_memory: bool,
    windows_dir: Path,
    table_dir: Path,
    decoded_dir: Path,
    run_dir: Path | None,
    out_dir: Path | None,
    figures_dir: Path,
    **numbers: Any,
) -> None:
    """Train, calibrate on the validation split, score on the test split, write the checkpoint.

    Goes on where it was interrupted. A backbone is written as the transformers library reads it.
    """
    import torch

    torch.set_num_threads(threads)
    hardware = Hardware(**{field: numbers.pop(field) for field in Hardware.__dataclass_fields__})
    chosen = {field: value for field, value in numbers.items() if value is not None}
    config = replace(FINE_TUNING if backbone else TrainingConfig(), **chosen)
    name = name or (BACKBONE_NAME if backbone else NAME)
    run_dir, out_dir = run_dir or RUNS_DIR / name, out_dir or MODELS_DIR / name
    common = {"hardware": hardware, "validate_every": validate_every}
    if backbone:
        _fine_tune(backbone, revision, table_dir, decoded_dir, run_dir, out_dir, config, common)
        return
    if source == "clips":
        windows_dir = _clip_windows(table_dir, decoded_dir, windows_dir)
    trained = _train_network(size, pooling, windows_dir, in_memory, run_dir, config, common)
    if trained.is_main:
        _build(trained, name, table_dir, decoded_dir, windows_dir, run_dir, out_dir, figures_dir)


def _clip_windows(table_dir: Path, decoded_dir: Path, windows_dir: Path) -> Path:
    """Cut the windows of all clips that are not there yet; their folder."""
    from timbre.data.table import read_table
    from timbre.features.material import decode_table
    from timbre.models.clip_windows import CLIPS_DIR, clip_labels, render_clips

    index = decode_table(read_table(table_dir), decoded_dir)
    render_clips(index, decoded_dir, clip_labels(index), windows_dir / CLIPS_DIR)
    return windows_dir / CLIPS_DIR


def _train_network(
    size: str,
    pooling: Any,
    windows_dir: Path,
    in_memory: bool,
    run_dir: Path,
    config: TrainingConfig,
    common: dict[str, Any],
) -> Trained[Any]:
    from timbre.data.table import SPLITS
    from timbre.features.windows import Windows
    from timbre.models.network import SIZES
    from timbre.models.training import check_windows
    from timbre.models.training import train as run_training

    windows = {
        split: Windows(windows_dir / split, in_memory=in_memory and split == "train") for split in SPLITS
    }
    check_windows(windows)
    network = replace(SIZES[size], pooling=pooling)
    trained = run_training(windows["train"], windows["validation"], run_dir, config, network, **common)
    _say(trained)
    return trained


def _say(trained: Trained[Any]) -> None:
    if trained.is_main and trained.waiting_share is not None:
        click.echo(f"{trained.waiting_share:.1%} of the training time went by waiting for batches.")
    if trained.is_main:
        click.echo(f"Best validation mAP {trained.validation_map:.3f}.")


def _build(
    trained: Trained[Any],
    name: str,
    table_dir: Path,
    decoded_dir: Path,
    windows_dir: Path,
    run_dir: Path,
    out_dir: Path,
    figures_dir: Path,
) -> None:
    from timbre.models.build import build_checkpoint
    from timbre.visualization.model_figures import label_scores, learning_curve

    learning_curve(run_dir, figures_dir / "learning_curve.png")
    metrics = build_checkpoint(trained.network, name, table_dir, decoded_dir, windows_dir, out_dir)
    label_scores(metrics, figures_dir / "label_scores.png")
    test = metrics["test_mixes"]
    click.echo(f"{out_dir}: test mAP {test['map']:.3f}, LRAP {test['lrap']:.3f}")


def _fine_tune(
    backbone: str,
    revision: str | None,
    table_dir: Path,
    decoded_dir: Path,
    run_dir: Path,
    out_dir: Path,
    config: TrainingConfig,
    common: dict[str, Any],
) -> None:
    from timbre.data.table import read_table
    from timbre.features.material import decode_table
    from timbre.models.backbone_run import fine_tune, write_fine_tuned

    index = decode_table(read_table(table_dir), decoded_dir)
    trained, clips = fine_tune(backbone, revision, index, decoded_dir, run_dir, config, **common)
    _say(trained)
    if trained.is_main:
        source = {"backbone": backbone, "revision": revision}
        metrics = write_fine_tuned(trained.network, clips, index, source, config.batch_size, out_dir)
        test = metrics["test_clips"]
        click.echo(f"{out_dir}: test mAP {test['map']:.3f}, LRAP {test['lrap']:.3f}")
