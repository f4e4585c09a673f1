"""`timbre average`: one checkpoint of several runs."""

from __future__ import annotations

from pathlib import Path

import click

from timbre.cli.options import decoded_option, model_out_option, source_option, table_option, windows_option
from timbre.cli.train import beginning, say_leaks, say_scores
from timbre.paths import MODELS_DIR


@click.command()
@click.argument(
    "run_dirs",
    metavar="RUN RUN...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--init",
    metavar="CHECKPOINT",
    required=True,
    help="That all runs began with (a folder, or org/name[@revision] on the Hub).",
)
@click.option("--name", required=True, help="Name of the model.")
@source_option
@windows_option
@table_option
@decoded_option
@model_out_option
def average(
    run_dirs: tuple[Path, ...],
    init: str,
    name: str,
    source: str,
    windows_dir: Path,
    table_dir: Path,
    decoded_dir: Path,
    out_dir: Path | None,
) -> None:
    """Write the checkpoint whose weights are the mean of those of several runs.

    All began with the same checkpoint (`timbre train --init`), with another --seed or --learning-rate.
    It is calibrated on the validation split and scored on the test split, as `timbre train` does.
    """
    from timbre.models.build import build_checkpoint
    from timbre.models.clip_windows import CLIPS_DIR
    from timbre.models.sibling_runs import facts_of_runs, mean_network

    out_dir = out_dir or MODELS_DIR / name
    _check_folders(run_dirs, out_dir)
    windows_dir = windows_dir / CLIPS_DIR if source == "clips" else windows_dir
    initial = beginning(init, out_dir)
    network = mean_network(run_dirs, initial.name, windows_dir)
    say_leaks(initial, table_dir)
    folders = (table_dir, decoded_dir, windows_dir, out_dir)
    metrics = build_checkpoint(network, name, *folders, init=initial.config, mean_of=facts_of_runs(run_dirs))
    say_scores(out_dir, metrics["test_mixes"])


def _check_folders(run_dirs: tuple[Path, ...], out_dir: Path) -> None:
    folders = {run_dir.resolve() for run_dir in run_dirs}
    if len(folders) < max(2, len(run_dirs)):
        raise click.UsageError("A mean is of at least two runs, each named once.")
    if out_dir.resolve() in folders:
        raise click.UsageError(f"{out_dir} is one of the runs: put the checkpoint elsewhere (--out).")
