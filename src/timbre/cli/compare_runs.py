"""`timbre compare-runs`: checkpoints and runs side by side."""

from itertools import chain
from pathlib import Path
from typing import Any

import click

from timbre.cli.options import json_option

_COMMIT_DIGITS = 10
_LOWER_IS_BETTER = " (lower is better)"


@click.command("compare-runs")
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@json_option
def compare_runs(folders: tuple[Path, ...], json_path: Path | None) -> None:
    """Put two or more FOLDERS (models/NAME, runs/NAME) side by side, with differences from the first.

    Nothing is computed anew: the scores are those that the checkpoints state. Where they are of different
    sound, or of different labels, it is said.
    """
    from timbre.files import write_json
    from timbre.visualization.report_comparison import compare_contenders, read_contender

    if len(folders) < 2:
        raise click.UsageError("Name at least two folders.")
    result = compare_contenders([read_contender(folder) for folder in folders])
    click.echo("\n".join(_table(result["contenders"])))
    for pair in result["pairs"]:
        click.echo("\n".join(["", *_pair_lines(pair)]))
    if json_path:
        write_json(json_path, result)


def _table(contenders: list[dict[str, Any]]) -> list[str]:
    """A column a contender; every further one has its difference from the first."""
    rows = [["", *(c["name"] for c in contenders)]]
    for name in _names(contenders, "facts"):
        rows.append([name, *(_fact(c["facts"].get(name)) for c in contenders)])
    for name in _names(contenders, "scores"):
        first, *others = (c["scores"].get(name) for c in contenders)
        note = _LOWER_IS_BETTER if name.endswith("error") else ""
        rows.append([name + note, _score(first), *(_score(value, first) for value in others)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def _names(contenders: list[dict[str, Any]], kind: str) -> list[str]:
    """Of all facts or scores that some contender has; the layers of a network are for the JSON."""
    names = dict.fromkeys(chain.from_iterable(c[kind] for c in contenders))
    return [name for name in names if name != "network"]


def _fact(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else str(value)[:_COMMIT_DIGITS]


def _score(value: float | None, first: float | None = None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if first is None else f"{value:.3f} ({value - first:+.3f})"


def _pair_lines(pair: dict[str, Any]) -> list[str]:
    lines = [f"{pair['second']} against {pair['first']}:"]
    for split, paired in pair["by_label"].items():
        if paired:
            low, high = paired["interval"]
            lines.append(
                f"  {split}: average precision {paired['difference']:+.3f} ({low:+.3f} to {high:+.3f}), "
                f"better for {paired['better']} of {paired['labels']} labels; paired by label"
            )
        else:
            lines.append(f"  {split}: not paired, no scores of the same windows")
    if any(name.startswith("solo") for name in pair["differences"]):
        lines.append("  solo: not paired; its intervals stand in the reports")
    if pair["unlike"]:
        lines.append(f"  Warning: of different sound or labels: {', '.join(pair['unlike'])}.")
    return lines
