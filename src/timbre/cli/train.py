"""`timbre train`: from windows, or from clips, to a checkpoint and its report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from timbre.cli.options import (
    RUNS_DIR,
    audio_option,
    decoded_option,
    figures_option,
    model_out_option,
    page_option,
    run_option,
    source_option,
    table_option,
    windows_option,
)
from timbre.errors import TimbreError
from timbre.models.training_config import FINE_TUNING, Hardware, TrainingConfig
from timbre.paths import MODELS_DIR
from timbre.visualization.places import Places

if TYPE_CHECKING:
    from timbre.models.initial_weights import InitialWeights
    from timbre.models.network import NetworkConfig
    from timbre.models.training import Trained

NAME, BACKBONE_NAME = "default", "backbone"
SIZE, POOLING = "base", "mean_max"  # as timbre.models.network has them, which needs torch
VALIDATE_EVERY = 2
# A transformer begins with its own weights, hears whole clips and has no report.
_NOT_FOR_BACKBONES = (
    "init", "source", "size", "pooling", "in_memory", "builds", "windows_dir", "page", "figures_dir", "audio",
)  # fmt: skip

_AT_LEAST_1, _AT_LEAST_0 = click.IntRange(min=1), click.IntRange(min=0)
_NUMBERS: dict[str, tuple[Any, str]] = {
    "epochs": (_AT_LEAST_1, f"Of {TrainingConfig.batches_per_epoch} batches each."),
    "batches_per_epoch": (_AT_LEAST_1, "The windows are gone through from epoch to epoch."),
    "batch_size": (_AT_LEAST_1, f"{FINE_TUNING.batch_size} with --backbone."),
    "learning_rate": (
        click.FloatRange(min=0, min_open=True),
        f"{FINE_TUNING.learning_rate:g} with --backbone.",
    ),
    "patience": (_AT_LEAST_0, "Stop after so many validations without a better mAP; 0: never."),
    "balance": (
        click.FloatRange(min=0),
        "0: windows come as they are; 1: those of rare labels as often as others.",
    ),
    "seed": (click.IntRange(0, 2**32 - 1), "Of everything that is drawn."),
}


def _training_options(command: Any) -> Any:
    """Numbers of `TrainingConfig`; None where the user leaves the choice."""
    for name, (kind, help_text) in reversed(_NUMBERS.items()):
        shown = f"{getattr(TrainingConfig, name):g}"
        flag = f"--{name.replace('_', '-')}"
        command = click.option(flag, type=kind, show_default=shown, help=help_text)(command)
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
@source_option
@click.option(
    "--init",
    metavar="CHECKPOINT",
    help="Begin with the weights of this checkpoint (a folder, or org/name[@revision] on the Hub), "
    "whose labels are matched by name.",
)
@click.option(
    "--size", type=click.Choice(["small", "base", "large"]), show_default=f"{SIZE}, or that of --init"
)
@click.option(
    "--pooling",
    type=click.Choice(["mean_max", "attention", "linear_softmax"]),
    show_default=f"{POOLING}, or that of --init",
    help="Over time.",
)
@click.option("--backbone", help="Fine-tune this audio transformer (Hub id or folder) on the table's clips.")
@click.option("--revision", help="Of the backbone on the Hub.")
@_training_options
@click.option(
    "--validate-every",
    type=_AT_LEAST_1,
    default=VALIDATE_EVERY,
    show_default=True,
    help="Epochs; the last one always is.",
)
@_hardware_options
@click.option(
    "--threads", type=_AT_LEAST_1, default=1, show_default=True, help="CPU threads; more pay on idle cores."
)
@click.option(
    "--in-memory/--mapped", default=True, show_default=True, help="Hold the windows in memory, 77 KB each."
)
@click.option(
    "--build/--no-build",
    "builds",
    default=True,
    show_default=True,
    help="Make the checkpoint and its report; without, the test split is not scored (for `timbre average`).",
)
@windows_option
@table_option
@decoded_option
@run_option
@model_out_option
@page_option("--report")
@figures_option
@audio_option
def train(
    name: str | None,
    source: str,
    init: str | None,
    size: str | None,
    pooling: str | None,
    backbone: str | None,
    revision: str | None,
    validate_every: int,
    threads: int,
    in_memory: bool,
    builds: bool,
    windows_dir: Path,
    table_dir: Path,
    decoded_dir: Path,
    run_dir: Path | None,
    out_dir: Path | None,
    page: Path | None,
    figures_dir: Path | None,
    audio: bool,
    **numbers: Any,
) -> None:
    """Train, calibrate on the validation split, score on the test split, write the checkpoint and its report.

    Goes on where it was interrupted. A backbone is written as the transformers library reads it.
    """
    import torch

    torch.set_num_threads(threads)
    hardware = Hardware(**{field: numbers.pop(field) for field in Hardware.__dataclass_fields__})
    chosen = {field: value for field, value in numbers.items() if value is not None}
    config = replace(FINE_TUNING if backbone else TrainingConfig(), **chosen)
    name = name or (BACKBONE_NAME if backbone else NAME)
    places = Places(
        out_dir or MODELS_DIR / name, run_dir or RUNS_DIR / name, windows_dir, table_dir, decoded_dir
    )
    common = {"hardware": hardware, "validate_every": validate_every}
    if backbone:
        _check_fine_tuned()
        _fine_tune(backbone, revision, places, config, common)
        return
    initial = beginning(init, places.model) if init else None
    if source == "clips":
        windows_dir = _clip_windows(places)
    if initial:
        say_leaks(initial, places.table_dir)
    network = _network(size, pooling, initial)
    trained = _train_network(network, initial, windows_dir, in_memory, places.run_dir, config, common)
    if trained.is_main and builds:
        _build(trained, name, places, windows_dir, initial)
        _report(places, name, page, figures_dir, audio)


def _check_fine_tuned() -> None:
    """Refuse what would do nothing beside --backbone."""
    context = click.get_current_context()
    flags = [
        "/".join([*option.opts, *option.secondary_opts])
        for option in context.command.params
        if option.name in _NOT_FOR_BACKBONES
        and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    ]
    if flags:
        raise click.UsageError(f"Leave out {', '.join(flags)}: a --backbone is fine-tuned without.")


def beginning(init: str, out_dir: Path) -> InitialWeights:
    """The checkpoint that training begins with, unless the new one would take its place."""
    if Path(init).resolve() == out_dir.resolve():
        raise click.UsageError(f"The new model would take the place of {init}: give it another --name.")
    from timbre.models.initial_weights import read_initial

    return read_initial(init)


def say_leaks(initial: InitialWeights, table_dir: Path) -> None:
    """Say of how many groups that are held out here the first weights had learned."""
    from timbre.data.table import read_table
    from timbre.models.lineage import held_out_but_learned

    table = read_table(table_dir)
    if n := table.loc[held_out_but_learned(table, initial.config), "group"].nunique():
        click.echo(
            f"{initial.name} has learned from groups that validate or test here ({n}). Their single "
            "recordings are not scored; what windows of them score is too good."
        )


def _network(size: str | None, pooling: Any, initial: InitialWeights | None) -> NetworkConfig:
    from timbre.models.network import SIZES

    usual = initial.network.config if initial else SIZES[SIZE]
    return replace(SIZES[size] if size else usual, pooling=pooling or usual.pooling)


def _clip_windows(places: Places) -> Path:
    """Cut the windows of all clips that are not there yet; their folder."""
    from timbre.data.table import read_clips
    from timbre.features.material import decode_table
    from timbre.models.clip_windows import CLIPS_DIR, clip_labels, render_clips

    index = decode_table(read_clips(places.table_dir), places.decoded_dir)
    render_clips(index, places.decoded_dir, clip_labels(index), places.windows_dir / CLIPS_DIR)
    return places.windows_dir / CLIPS_DIR


def _train_network(
    network: NetworkConfig,
    initial: InitialWeights | None,
    windows_dir: Path,
    in_memory: bool,
    run_dir: Path,
    config: TrainingConfig,
    common: dict[str, Any],
) -> Trained[Any]:
    from timbre.data.table import SPLITS
    from timbre.features.windows import Windows, windows_digest
    from timbre.models.training import check_windows
    from timbre.models.training import train as run_training

    windows = {
        split: Windows(windows_dir / split, in_memory=in_memory and split == "train") for split in SPLITS
    }
    check_windows(windows)
    if initial and (new := initial.new_labels(windows["train"].labels)):
        click.echo(f"{len(new)} labels that {initial.name} does not know begin anew: {', '.join(new)}.")
    common = {**common, "digests": {split: windows_digest(windows_dir / split) for split in SPLITS}}
    trained = run_training(
        windows["train"], windows["validation"], run_dir, config, network, initial=initial, **common
    )
    _say(trained)
    return trained


def _say(trained: Trained[Any]) -> None:
    if trained.is_main and trained.waiting_share is not None:
        click.echo(f"{trained.waiting_share:.1%} of the training time went by waiting for batches.")
    if trained.is_main:
        click.echo(f"Best validation mAP {trained.validation_map:.3f}.")


def _build(
    trained: Trained[Any], name: str, places: Places, windows_dir: Path, initial: InitialWeights | None
) -> None:
    from timbre.models.build import build_checkpoint

    folders = (places.table_dir, places.decoded_dir, windows_dir, places.model)
    init = initial.config if initial else None
    metrics = build_checkpoint(trained.network, name, *folders, init=init)
    say_scores(places.model, metrics["test_mixes"])


def say_scores(folder: Path, test: dict[str, Any]) -> None:
    """One line of what a new checkpoint scored on the test split."""
    scores = {"mAP": test["map"], "LRAP": test["lrap"]}
    told = [f"{name} {value:.3f}" for name, value in scores.items() if value is not None]
    click.echo(f"{folder}: test {', '.join(told) or 'not scored by label'}")


def _report(places: Places, name: str, page: Path | None, figures_dir: Path | None, audio: bool) -> None:
    from timbre.cli.report import write

    try:
        write(places, name, page, figures_dir, with_audio=audio)
    except (OSError, TimbreError) as error:
        raise click.ClickException(
            f"The checkpoint in {places.model} is complete, its report is not: {error} "
            "Mend that and run `timbre report`."
        ) from error


def _fine_tune(
    backbone: str, revision: str | None, places: Places, config: TrainingConfig, common: dict[str, Any]
) -> None:
    from timbre.data.table import read_clips
    from timbre.features.material import decode_table
    from timbre.models.backbone_run import fine_tune, write_fine_tuned

    index = decode_table(read_clips(places.table_dir), places.decoded_dir)
    trained, clips = fine_tune(
        backbone, revision, index, places.decoded_dir, places.run_dir, config, **common
    )
    _say(trained)
    if trained.is_main:
        source = {"backbone": backbone, "revision": revision}
        metrics = write_fine_tuned(trained.network, clips, index, source, config.batch_size, places.model)
        say_scores(places.model, metrics["test_clips"])
