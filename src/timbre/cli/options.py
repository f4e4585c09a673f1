"""Options that several commands share, and the folders that they stand for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from timbre.paths import DATA_DIR, MODELS_DIR, PROJECT_ROOT

Decorator = Callable[[Any], Any]

RAW_DIR = DATA_DIR / "raw"
TABLE_DIR = DATA_DIR / "interim"
DECODED_DIR = TABLE_DIR / "decoded"
RENDERED_DIR = TABLE_DIR / "soundfonts"
WINDOWS_DIR = DATA_DIR / "processed"
RUNS_DIR = PROJECT_ROOT / "runs"
REPORTS_DIR = PROJECT_ROOT / "reports"
FIGURES_DIR = REPORTS_DIR / "figures"
NAME = "NAME"  # in the place of a checkpoint's


def folder_option(flag: str, name: str, folder: Path, help: str) -> Decorator:
    """A folder with a default of the project's own; with `NAME` in it, the command fills it in."""
    return click.option(
        flag,
        name,
        type=click.Path(file_okay=False, path_type=Path),
        default=None if NAME in folder.parts else folder,
        show_default=str(folder.relative_to(PROJECT_ROOT)),
        help=help,
    )


raw_option = folder_option("--raw", "raw_dir", RAW_DIR, "Folder of the data sets, one folder each.")
table_option = folder_option("--table", "table_dir", TABLE_DIR, "Folder of the metadata table.")
decoded_option = folder_option(
    "--decoded", "decoded_dir", DECODED_DIR, "Folder of the decoded clips (what is missing is made)."
)
windows_option = folder_option(
    "--windows", "windows_dir", WINDOWS_DIR, "Folder of the mixes and their windows, one folder a split."
)
run_option = folder_option(
    "--run", "run_dir", RUNS_DIR / NAME, "Folder of the run's state, from which it goes on if interrupted."
)
model_out_option = folder_option("--out", "out_dir", MODELS_DIR / NAME, "Folder of the checkpoint.")
source_option = click.option(
    "--from",
    "source",
    type=click.Choice(["mixes", "clips"]),
    default="mixes",
    show_default=True,
    help="Learned from: the mixes, or the table's clips as they are (notes, one-shots, single labels).",
)
figures_option = folder_option(
    "--figures", "figures_dir", FIGURES_DIR / NAME, "Folder of the report's figures as PNG."
)


def page_option(flag: str) -> Decorator:
    """The page of a report."""
    return click.option(
        flag,
        "page",
        type=click.Path(dir_okay=False, path_type=Path),
        show_default=f"{REPORTS_DIR.name}/{NAME}.html",
        help="The page of the report.",
    )


audio_option = click.option(
    "--audio/--no-audio",
    default=True,
    show_default=True,
    help="The report with the sound of the surest mistakes; without it the page can be published.",
)
json_option = click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the numbers here.",
)
scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Work on this Dask cluster (tcp://host:8786) instead of this machine's cores; "
    "its workers must see the same files under the same paths.",
)
