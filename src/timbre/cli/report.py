"""`timbre report`: one page that tells of a run and its checkpoint."""

from __future__ import annotations

from pathlib import Path

import click

from timbre.cli.options import (
    DECODED_DIR,
    FIGURES_DIR,
    REPORTS_DIR,
    RUNS_DIR,
    audio_option,
    figures_option,
    folder_option,
    page_option,
    run_option,
    table_option,
    windows_option,
)
from timbre.paths import DEFAULT_MODEL_DIR
from timbre.visualization.places import Places


@click.command()
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=DEFAULT_MODEL_DIR,
    show_default="models/default",
    help="Folder of the checkpoint.",
)
@run_option
@windows_option
@table_option
@folder_option(
    "--decoded", "decoded_dir", DECODED_DIR, "Folder of the decoded clips; nothing is decoded for a report."
)
@page_option("--out")
@figures_option
@audio_option
def report(
    model: Path,
    run_dir: Path | None,
    windows_dir: Path,
    table_dir: Path,
    decoded_dir: Path,
    page: Path | None,
    figures_dir: Path | None,
    audio: bool,
) -> None:
    """Write one page of a checkpoint: what it learned from, its curves, scores and mistakes.

    The page is one file that fetches nothing. NAME is that of the checkpoint's folder. What is no longer
    there (the log, the windows, the clips) is left out, and said.
    """
    name = model.resolve().name
    places = Places(model, run_dir or RUNS_DIR / name, windows_dir, table_dir, decoded_dir)
    write(places, name, page, figures_dir, with_audio=audio)


def write(
    places: Places, name: str, page: Path | None, figures_dir: Path | None, *, with_audio: bool
) -> None:
    """Write page and figures where they belong, and say what was left out."""
    from timbre.visualization.report import write_report

    page, figures_dir = page or REPORTS_DIR / f"{name}.html", figures_dir or FIGURES_DIR / name
    for note in write_report(places, page, figures_dir, with_audio=with_audio):
        click.echo(f"Left out: {note}", err=True)
    click.echo(f"{page} ({page.stat().st_size / 1e6:.1f} MB), figures in {figures_dir}")
