"""`timbre average`: one checkpoint of several runs."""

from __future__ import annotations

from pathlib import Path

import click

from timbre.cli.options import decoded_option, model_out_option, table_option, windows_option
from timbre.cli.train import say_scores
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
    help="That all runs began with (a folder, or org/name on the Hub).",
)
@click.option("--name", required=True, help="Name of the model.")
@windows_option
@table_option
@decoded_option
@model_out_option
def average(
    run_dirs: tuple[Path, ...],
    init: str,
    name: str,
    windows_dir: Path,
    table_dir: Path,
    decoded_dir: Path,
    out_dir: Path | None,
) -> None:
    """Write the checkpoint whose weights are the mean of those of several runs.

    All began with the same checkpoint (`timbre train --init`), with another --seed or --learning-rate.
    It is calibrated on the validation split and scored on the test split, as `timbre train` does.
    """
    from timbre.data.table import SPLITS
    from timbre.features.windows import windows_digest
    from timbre.models.build import build_checkpoint
    from timbre.models.initial_weights import read_initial
    from timbre.models.sibling_runs import mean_network

    begun = read_initial(init).config
    digests = {split: windows_digest(windows_dir / split) for split in SPLITS}
    network = mean_network(run_dirs, begun.full_name, digests)
    out_dir = out_dir or MODELS_DIR / name
    metrics = build_checkpoint(network, name, table_dir, decoded_dir, windows_dir, out_dir, init=begun)
    say_scores(out_dir, metrics["test_mixes"])
