"""`timbre data`: recordings and renderings into the metadata table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from timbre.paths import DATA_DIR

if TYPE_CHECKING:
    import pandas as pd

TABLE_DIR = DATA_DIR / "interim"
RENDERED_DIR = DATA_DIR / "interim" / "soundfonts"

table_option = click.option(
    "--table",
    "table_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=TABLE_DIR,
    show_default="data/interim",
    help="Folder of the metadata table.",
)


@click.group()
def data() -> None:
    """Put recordings into the table that training reads."""


@data.command("add-folder")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", required=True, help="Name of the data set.")
@click.option(
    "--csv", type=click.Path(exists=True, path_type=Path), help="List of the clips, else FOLDER/LABEL/."
)
@click.option("--path-column", default="path", show_default=True)
@click.option("--label-column", default="label", show_default=True, help="Labels, joined by ';'.")
@click.option("--source-column", help="Names the data set of each clip, in the place of --name.")
@click.option("--license-column")
@click.option("--kind-column", help="note, one-shot, phrase, clip, speech or noise.")
@click.option("--ship-column", help="Says whether a published model may learn from the clip.")
@click.option("--ship", "ship_value", default="1", show_default=True, help="The value that says yes.")
@click.option("--labels", type=click.Path(exists=True, path_type=Path), help="CSV of your names: name,leaf.")
@table_option
def add_folder(
    folder: Path,
    name: str,
    csv: Path | None,
    path_column: str,
    label_column: str,
    source_column: str | None,
    license_column: str | None,
    kind_column: str | None,
    ship_column: str | None,
    ship_value: str,
    labels: Path | None,
    table_dir: Path,
) -> None:
    """Add your own recordings: FOLDER/LABEL/**/*.wav (mp3, flac, ogg, m4a), or what a CSV lists.

    Clips that a published model may not learn from are kept for testing only.
    """
    from timbre.data.own_folder import Columns, list_csv, list_folder, read_own_map, table_of

    columns = Columns(path_column, label_column, source_column, license_column, kind_column, ship_column)
    clips = list_csv(csv, name, columns, ship_value) if csv else list_folder(folder, name)
    rows = table_of(folder, clips, read_own_map(labels) if labels else None)
    _merge(rows, table_dir, f"add-folder {name}")


@data.command("soundfonts")
@click.option("--phrases", default=24, show_default=True, help="Phrases for an instrument with one preset.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=RENDERED_DIR,
    show_default="data/interim/soundfonts",
)
@table_option
def soundfonts(phrases: int, out: Path, table_dir: Path) -> None:
    """Render phrases of every General MIDI instrument from three free soundfonts."""
    import pandas as pd

    from timbre.features.soundfonts import SOUNDFONTS, render_soundfont

    rows = pd.concat([render_soundfont(font, out, phrases) for font in SOUNDFONTS], ignore_index=True)
    _merge(rows, table_dir, f"soundfonts --phrases {phrases}")


def _merge(rows: pd.DataFrame, table_dir: Path, step: str) -> None:
    """Put rows into the table, divide everything anew and say what came out."""
    from timbre.data.table import read_table, replace_rows, write_table
    from timbre.features.provenance import write_provenance
    from timbre.features.splits import assign_splits

    table = replace_rows(read_table(table_dir), rows)
    table.loc[table["kind"] != "rendered", "split"] = ""  # a new source may change who is held out
    table = assign_splits(table)
    write_table(table, table_dir)
    counts = {split: int(n) for split, n in table["split"].value_counts().items()}
    write_provenance(table_dir, step, {"clips": len(table), "splits": counts})
    click.echo(f"{len(rows)} clips added; the table holds {len(table)}: {counts}")
