"""`timbre data`: recordings and renderings into the metadata table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from timbre.cli.download import download, freesound
from timbre.cli.options import RENDERED_DIR, folder_option, raw_option, scheduler_option, table_option

if TYPE_CHECKING:
    import pandas as pd

    from timbre.data.problems import Problem

SHIPS = "1"

seed_option = click.option("--seed", default=0, show_default=True, help="Of the splits.")


@click.group()
def data() -> None:
    """Put recordings into the table that training reads."""


data.add_command(download)
data.add_command(freesound)


@data.command("metadata")
@click.argument("names", nargs=-1)
@raw_option
@table_option
@seed_option
@scheduler_option
def metadata(
    names: tuple[str, ...], raw_dir: Path, table_dir: Path, seed: int, scheduler: str | None
) -> None:
    """Read the data sets NAMES, or all that are downloaded, into the table.

    Every file is decoded once; what cannot be used is listed in problems.csv and left out. Goes on where
    it was interrupted. A data set that cannot be read stops no other; then the exit status is 1.
    """
    import pandas as pd

    from timbre.data.datasets import DATA_SETS
    from timbre.data.file_facts import FACTS_FILE
    from timbre.data.metadata import downloaded, read_data_sets

    if unknown := sorted(set(names) - set(DATA_SETS)):
        raise click.UsageError(
            f"There is no data set {', '.join(unknown)}; choose of {', '.join(DATA_SETS)}."
        )
    collected = read_data_sets(downloaded(raw_dir, names), raw_dir, table_dir / FACTS_FILE, scheduler)
    if collected.rows:
        rows = pd.concat(collected.rows, ignore_index=True)
        folders = {name: raw_dir / name for name in collected.names}
        step = f"metadata {' '.join(collected.names)}"
        _add(rows, collected.problems, table_dir, step, seed, folders)
    for name, error in collected.failures.items():
        click.echo(f"{name}: {error}", err=True)
    if collected.failures or not collected.rows:
        none = f"nothing in {raw_dir}. Run `timbre data download` first"
        raise click.ClickException(f"Not read: {', '.join(collected.failures) or none}.")


@data.command("add-folder")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", required=True, help="Name of the data set.")
@click.option(
    "--csv", type=click.Path(exists=True, path_type=Path), help="List of the clips, else FOLDER/LABEL/."
)
@click.option("--path-column", default="path", show_default=True, help="Path of a clip in FOLDER.")
@click.option("--label-column", default="label", show_default=True, help="Labels, joined by ';'.")
@click.option("--source-column", help="Names the data set of each clip, in the place of --name.")
@click.option("--license-column", help="Licence of each clip.")
@click.option("--kind-column", help="note, one-shot, phrase, clip, speech, noise or mix.")
@click.option("--group-column", help="Player or session: what stays on one side of a split.")
@click.option(
    "--absent-column", help="Labels known not to sound, joined by ';'; the rest is unknown, not absent."
)
@click.option("--ship-column", help="Says whether a published model may learn from the clip.")
@click.option(
    "--ship", "ship_value", default=SHIPS, show_default=True, help="The values that say yes, joined by ','."
)
@click.option("--labels", type=click.Path(exists=True, path_type=Path), help="CSV of your names: name,leaf.")
@click.option(
    "--holds-no",
    "held_by_none",
    multiple=True,
    metavar="[SOURCE:]LEAF",
    help="Sounds in no clip (of SOURCE) that is not labelled so, as a choir where single voices sing.",
)
@click.option(
    "--never-validates",
    "never_validates",
    multiple=True,
    metavar="SOURCE",
    help="Of this data set (--name, or one of --source-column) no clip validates; some still test.",
)
@table_option
@seed_option
@scheduler_option
def add_folder(
    folder: Path,
    name: str,
    csv: Path | None,
    path_column: str,
    label_column: str,
    source_column: str | None,
    license_column: str | None,
    kind_column: str | None,
    group_column: str | None,
    absent_column: str | None,
    ship_column: str | None,
    ship_value: str,
    labels: Path | None,
    held_by_none: tuple[str, ...],
    never_validates: tuple[str, ...],
    table_dir: Path,
    seed: int,
    scheduler: str | None,
) -> None:
    """Add your own recordings: FOLDER/LABEL/**/*.wav, or what a CSV lists.

    Besides wav they may be mp3, flac, ogg, opus, m4a, aac, aiff or webm. Clips that a published model may
    not learn from are kept for testing only. A file that cannot be used is listed in problems.csv and left
    out; where none can be used, the table stays as it is and the exit status is 1.
    """
    from timbre.data.file_facts import FACTS_FILE
    from timbre.data.metadata import table_of
    from timbre.data.own_folder import (
        Columns,
        holding_none_of,
        list_csv,
        list_folder,
        never_validating,
        read_own_map,
    )

    columns = Columns(
        path=path_column,
        label=label_column,
        source=source_column,
        license=license_column,
        kind=kind_column,
        ship=ship_column,
        group=group_column,
        absent=absent_column,
    )
    if not csv and columns != Columns():
        raise click.UsageError("Columns are those of a list: name it with --csv.")
    if not ship_column and ship_value != SHIPS:
        raise click.UsageError("--ship says which values of a column say yes: name it with --ship-column.")
    own_map = read_own_map(labels) if labels else None
    clips = list_csv(csv, name, columns, ship_value, own_map) if csv else list_folder(folder, name, own_map)
    clips = never_validating(holding_none_of(clips, held_by_none), never_validates)
    rows, problems = table_of(folder, clips, table_dir / FACTS_FILE, scheduler)
    if not len(rows):
        raise click.ClickException(_none_usable(csv or folder, problems))
    _add(rows, problems, table_dir, f"add-folder {name}", seed, {} if csv else {name: folder})


@data.command("soundfonts")
@click.option("--phrases", default=24, show_default=True, help="Phrases for an instrument with one preset.")
@folder_option("--out", "out", RENDERED_DIR, "Folder of the rendered phrases.")
@table_option
@seed_option
def soundfonts(phrases: int, out: Path, table_dir: Path, seed: int) -> None:
    """Render phrases of every General MIDI instrument, and speech.

    They come from free soundfonts, patch sets, our own synthesizer and a speech synthesizer.
    """
    import pandas as pd

    from timbre.features.soundfonts import SOUNDFONTS, check_there, render_soundfont

    check_there(SOUNDFONTS)
    rows = pd.concat([render_soundfont(font, out, phrases) for font in SOUNDFONTS], ignore_index=True)
    _add(rows, [], table_dir, f"soundfonts --phrases {phrases}", seed)


@data.command("dictionary")
def dictionary() -> None:
    """Print what each column of the table means, as docs/data_dictionary.md has it."""
    from timbre.data.dictionary import dictionary as written

    click.echo(written(), nl=False)


def _none_usable(source: Path, problems: Sequence[Problem]) -> str:
    """Why nothing came of a folder or a list."""
    if not problems:
        return f"{source} lists no clip."
    counts = Counter(problem.problem for problem in problems).most_common()
    why = "; ".join(f"{problem} ({n})" for problem, n in counts)
    return f"None of the {len(problems)} clips of {source} can be used: {why}."


def _add(
    rows: pd.DataFrame,
    problems: list[Problem],
    table_dir: Path,
    step: str,
    seed: int,
    read_whole: Mapping[str, Path] = MappingProxyType({}),
) -> None:
    """Put rows into the table, draw what it holds and say what came out."""
    from timbre.data.disk import write_errors_told
    from timbre.data.lock import locked
    from timbre.data.problems import PROBLEMS_FILE
    from timbre.data.summary import SUMMARY_FILE
    from timbre.features.collection import add_rows
    from timbre.visualization.data_figures import FIGURE_FILE, draw_table

    with write_errors_told(table_dir), locked(table_dir):
        table = add_rows(rows, problems, table_dir, step, seed=seed, read_whole=read_whole)
        if len(table):
            draw_table(table, table_dir / FIGURE_FILE)
    click.echo((table_dir / SUMMARY_FILE).read_text(encoding="utf-8"))
    if unusable := sum(bool(problem.path) for problem in problems):
        click.echo(f"{unusable} clips cannot be used; {table_dir / PROBLEMS_FILE} says which and why.")
    click.echo(f"{len(rows)} clips read; the table in {table_dir} holds {len(table)}.")
