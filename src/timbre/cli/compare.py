"""`timbre compare`: simple models beside the network, on the same clips and the same division."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from timbre.cli.options import REPORTS_DIR, decoded_option, folder_option, table_option

MODELS = ("random_forest", "mlp", "cnn")
CSV_FILE, JSON_FILE = "comparison.csv", "comparison.json"
_SCORES = {"accuracy": "accuracy", "map": "mAP", "f1_macro": "macro F1"}


@click.command()
@click.argument("datasets", nargs=-1)
@click.option("--labels", default="", help="Only clips of these, joined by commas: kick_drum,snare_drum.")
@click.option("--models", default=",".join(MODELS), show_default=True, help="Joined by commas.")
@click.option(
    "--folds",
    "n_folds",
    type=click.IntRange(2),
    default=5,
    show_default=True,
    help="Each group is tested in one.",
)
@click.option(
    "--seeds",
    "n_seeds",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="So many divisions into folds.",
)
@click.option(
    "--threads", type=click.IntRange(1), default=1, show_default=True, help="CPU threads of the network."
)
@table_option
@decoded_option
@folder_option("--out", "out_dir", REPORTS_DIR / "comparison", f"Folder of {CSV_FILE} and {JSON_FILE}.")
def compare(
    datasets: tuple[str, ...],
    labels: str,
    models: str,
    n_folds: int,
    n_seeds: int,
    threads: int,
    table_dir: Path,
    decoded_dir: Path,
    out_dir: Path,
) -> None:
    """Train Random Forest, MLP and CNN on the single-instrument clips of DATASETS, or of the whole table.

    Every clip is scored by models that never heard its group. Whether a published model may learn from
    a clip plays no part here, since nothing that is trained is kept.
    """
    import torch

    from timbre.models.baselines.clips import labelled_clips
    from timbre.models.baselines.comparison import compare as run_all
    from timbre.models.baselines.comparison import report

    chosen = _checked(models)
    torch.set_num_threads(threads)
    index = _index(datasets, table_dir, decoded_dir)
    clips = labelled_clips(index, decoded_dir, [label for label in labels.split(",") if label])
    if clips.left_out:
        click.echo(
            f"Left out, since all of its clips are of one group: {', '.join(clips.left_out)}.", err=True
        )
    runs, facts = run_all(clips, chosen, n_folds, n_seeds)
    rows = [report(clips, run) for run in runs]
    _write(rows, {"datasets": list(datasets), **facts}, out_dir)
    click.echo(f"{facts['clips']} clips of {facts['groups']} groups, {n_folds} folds, {n_seeds} seeds")
    click.echo("\n".join(_lines(rows)))


def _checked(models: str) -> list[str]:
    chosen = models.split(",")
    if unknown := sorted(set(chosen) - set(MODELS)):
        raise click.BadParameter(f"no model {', '.join(unknown)}; choose of {', '.join(MODELS)}")
    return chosen


def _index(datasets: tuple[str, ...], table_dir: Path, decoded_dir: Path) -> Any:
    from timbre.data.table import read_clips
    from timbre.errors import TimbreError
    from timbre.features.material import decode_table

    table = read_clips(table_dir)
    if absent := sorted(set(datasets) - set(table["dataset"])):
        there = ", ".join(sorted(set(table["dataset"]))) or "nothing"
        raise TimbreError(
            "bad_table", f"The table in {table_dir} has no {', '.join(absent)}.", f"It has {there}."
        )
    return decode_table(table[table["dataset"].isin(datasets)] if datasets else table, decoded_dir)


def _write(rows: list[dict[str, Any]], facts: dict[str, Any], out_dir: Path) -> None:
    import pandas as pd

    from timbre.files import atomic, write_json

    flat = [
        {
            "model": row["model"],
            **{score: round(row[score], 4) for score in _SCORES},
            **{f"{score}_low": row["intervals"][score][0] for score in _SCORES},
            **{f"{score}_high": row["intervals"][score][1] for score in _SCORES},
            **{seconds: row[seconds] for seconds in ("fit_s", "predict_s", "cpu_s")},
        }
        for row in rows
    ]
    write_json(out_dir / JSON_FILE, {**facts, "models": rows})
    with atomic(out_dir / CSV_FILE) as temporary:
        pd.DataFrame(flat).to_csv(temporary, index=False)


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    head = f"{'model':<14}" + "".join(f"{name:<24}" for name in _SCORES.values())
    lines = [f"{head}{'fit':>9}{'predict':>9}{'CPU':>9}"]
    for row in rows:
        cells = "".join(f"{_with_interval(row, score):<24}" for score in _SCORES)
        seconds = "".join(f"{row[name]:>7.1f} s" for name in ("fit_s", "predict_s", "cpu_s"))
        lines.append(f"{row['model']:<14}{cells}{seconds}")
    return lines


def _with_interval(row: dict[str, Any], score: str) -> str:
    low, high = row["intervals"][score]
    return f"{row[score]:.3f} ({low:.3f} to {high:.3f})"
