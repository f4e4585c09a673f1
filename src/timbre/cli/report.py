"""`timbre report`: one page that tells of a run and its checkpoint."""

from pathlib import Path

import click

from timbre.cli.data import table_option
from timbre.cli.features import DECODED_DIR, windows_option
from timbre.cli.train import RUNS_DIR
from timbre.paths import DEFAULT_MODEL_DIR, PROJECT_ROOT

REPORTS_DIR = PROJECT_ROOT / "reports"


@click.command()
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=DEFAULT_MODEL_DIR,
    show_default="models/default",
    help="Folder of the checkpoint.",
)
@click.option(
    "--run",
    "run_dir",
    type=click.Path(file_okay=False, path_type=Path),
    show_default="runs/NAME",
    help="Folder of its run.",
)
@windows_option
@table_option
@click.option(
    "--decoded",
    "decoded_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=DECODED_DIR,
    show_default="data/interim/decoded",
    help="Folder of the decoded clips; nothing is decoded for a report.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    show_default="reports/NAME.html",
    help="The page.",
)
@click.option(
    "--figures",
    "figures_dir",
    type=click.Path(file_okay=False, path_type=Path),
    show_default="reports/figures/NAME",
    help="Folder of the figures as PNG.",
)
@click.option(
    "--audio/--no-audio",
    default=True,
    show_default=True,
    help="With the sound of the surest mistakes; without it the page can be published.",
)
def report(
    model: Path,
    run_dir: Path | None,
    windows_dir: Path,
    table_dir: Path,
    decoded_dir: Path,
    out: Path | None,
    figures_dir: Path | None,
    audio: bool,
) -> None:
    """Write one page of a checkpoint: what it learned from, its curves, scores and mistakes.

    The page is one file that fetches nothing. NAME is that of the checkpoint's folder. What is no longer
    there (the log, the windows, the clips) is left out, and said.
    """
    from timbre.visualization.report import Places, write_report

    name = model.resolve().name
    out = out or REPORTS_DIR / f"{name}.html"
    figures_dir = figures_dir or REPORTS_DIR / "figures" / name
    places = Places(model, run_dir or RUNS_DIR / name, windows_dir, table_dir, decoded_dir)
    for note in write_report(places, out, figures_dir, with_audio=audio):
        click.echo(f"Left out: {note}", err=True)
    click.echo(f"{out} ({out.stat().st_size / 1e6:.1f} MB), figures in {figures_dir}")
