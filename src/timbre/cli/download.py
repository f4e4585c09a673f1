"""`timbre data download` and `timbre data freesound`: recordings from their hosts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from timbre.cli.options import RAW_DIR, folder_option, raw_option
from timbre.data.threads import N_AT_ONCE

if TYPE_CHECKING:
    from timbre.data.dataset import DataSet
    from timbre.data.download import Item


@click.command()
@click.argument("names", nargs=-1)
@click.option("--only", metavar="GLOB", help="Only the files whose names match, as in '*Part1*'.")
@raw_option
@click.option(
    "--jobs", type=click.IntRange(min=1), default=N_AT_ONCE, show_default=True, help="Files at a time."
)
@click.option("--keep-archives", is_flag=True, help="Keep the archives after they were unpacked.")
@click.option("--dry-run", is_flag=True, help="Show what would be fetched; ask no host, write nothing.")
@click.pass_context
def download(
    context: click.Context,
    names: tuple[str, ...],
    only: str | None,
    raw_dir: Path,
    jobs: int,
    keep_archives: bool,
    dry_run: bool,
) -> None:
    """Fetch, verify and unpack data sets by NAME; without a name the usual ones, with `all` every one.

    Goes on where it was interrupted. A file that fails stops no other; then the exit status is 1.
    """
    from tqdm import tqdm

    from timbre.data.download import download as download_items
    from timbre.data.download import items_of

    items = items_of(_chosen(names), raw_dir, only)
    if not items:
        raise click.UsageError("No file of these data sets matches.")
    if dry_run:
        click.echo(_table(items, raw_dir, jobs, keep_archives))
        return
    done = [item for item in items if item.is_done]
    for item in done:
        click.echo(f"{item.data_set.name}: {item.remote.file_name} is there already")
    failures = download_items(items, n_at_once=jobs, keep_archives=keep_archives, say=tqdm.write)
    for item, error in failures:
        click.echo(f"{item.data_set.name}: {item.remote.file_name}: {error}", err=True)
    fetched = len(items) - len(done) - len(failures)
    click.echo(f"{fetched} fetched, {len(done)} there already, {len(failures)} failed; in {raw_dir}")
    context.exit(1 if failures else 0)


def _chosen(names: tuple[str, ...]) -> list[DataSet]:
    """The data sets of these names, in the order in which they are listed."""
    from timbre.data.datasets import DATA_SETS, DEFAULT

    with_files = {name: data_set for name, data_set in DATA_SETS.items() if data_set.remotes}
    wanted = set(with_files) if "all" in names else set(names or DEFAULT)
    if "freesound" in wanted - set(with_files):
        raise click.UsageError("Freesound is searched, not downloaded: see `timbre data freesound --help`.")
    if unknown := sorted(wanted - set(with_files)):
        raise click.UsageError(
            f"No data set is called {', '.join(unknown)}; there are {', '.join(with_files)} and all."
        )
    return [data_set for name, data_set in with_files.items() if name in wanted]


def _table(items: list[Item], raw_dir: Path, jobs: int, keep_archives: bool) -> str:
    """What a run would do, as text. Sizes are those published: the hosts are not asked."""
    from timbre.data.disk import free_bytes, readable_bytes
    from timbre.data.download import needed_bytes

    rows = [("data set", "file", "about", "state", "licence", "from")]
    for item in items:
        size = readable_bytes(item.remote.size_bytes)
        rows.append(
            (
                item.data_set.name, item.remote.file_name, size, _state(item), item.data_set.license,
                item.remote.address,
            )
        )  # fmt: skip
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:<{n}}" for cell, n in zip(row, widths, strict=True)).rstrip() for row in rows]
    missing = [item.remote.size_bytes for item in items if not item.is_done]
    room = readable_bytes(needed_bytes(missing, jobs, keep_archives))
    lines.append(
        f"{len(missing)} of {len(items)} files to fetch, about {readable_bytes(sum(missing))}; "
        f"unpacked and all about {room} are needed, {readable_bytes(free_bytes(raw_dir))} are free."
    )
    return "\n".join(lines)


def _state(item: Item) -> str:
    from timbre.data.disk import readable_bytes

    if item.is_done:
        return "there"
    return f"{readable_bytes(item.arrived_bytes)} there" if item.arrived_bytes else "to fetch"


@click.command()
@click.option("--query", "text", required=True, help="Words to search for.")
@click.option("--label", required=True, help="The instrument that these clips are of, as `timbre` names it.")
@click.option(
    "--license",
    "licenses",
    multiple=True,
    type=click.Choice(["cc0", "cc-by", "cc-by-nc"]),
    help="Only clips under this licence; may be given several times.",
)
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Clips at most.")
@click.option("--min-s", default=0.2, show_default=True, help="Shortest clip in seconds.")
@click.option("--max-s", default=30.0, show_default=True, help="Longest clip in seconds.")
@folder_option("--out", "out", RAW_DIR / "freesound", "Folder of the clips, of all queries together.")
@click.pass_context
def freesound(
    context: click.Context,
    text: str,
    label: str,
    licenses: tuple[str, ...],
    limit: int,
    min_s: float,
    max_s: float,
    out: Path,
) -> None:
    """Search Freesound and fetch previews, with your API key in FREESOUND_API_KEY.

    Goes on where it was interrupted, keeps to the API's limits across runs, and writes clips.csv and
    ATTRIBUTION.md. A clip that is broken does not count and is tried again next time; then the exit
    status is 1.
    """
    from tqdm import tqdm

    from timbre.data.freesound import collect
    from timbre.data.freesound_api import Query, Search
    from timbre.taxonomy import BY_ID

    if label not in BY_ID:
        raise click.UsageError(f"{label!r} is no instrument; there are {', '.join(BY_ID)}.")
    search = Search(say=tqdm.write)
    done = collect(search, Query(text, licenses, min_s, max_s), label, out, limit, say=tqdm.write)
    click.echo(f"{done.n_new} new, {done.n_there} there already, {len(done.broken)} broken; in {out}")
    context.exit(1 if done.broken else 0)
