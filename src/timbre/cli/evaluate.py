"""`timbre evaluate`: what a checkpoint is worth on a data set, by a published protocol, or beside another."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from timbre.cli.options import json_option, scheduler_option, table_option, windows_option
from timbre.errors import TimbreError
from timbre.taxonomy import LEVELS

if TYPE_CHECKING:
    from timbre.models.clip_evaluation import Evaluated
    from timbre.models.clip_probabilities import Pooling

EVERY_LEVEL = "all"
# Written here again so that help needs no pandas; a test holds them to the modules that know them.
PROTOCOL_NAMES = ("openmic", "irmas")
POOLINGS = ("mean", "max")


@click.command()
@click.argument("checkpoint")
@click.argument("dataset")
@click.option(
    "--split",
    type=click.Choice(["train", "validation", "test"]),
    default="test",
    show_default=True,
    help="Which clips of the data set.",
)
@click.option(
    "--level",
    type=click.Choice([*LEVELS, EVERY_LEVEL]),
    default=EVERY_LEVEL,
    show_default=True,
    help="One level, with the scores of its labels, or a line for each.",
)
@click.option(
    "--protocol",
    "protocol_name",
    type=click.Choice(PROTOCOL_NAMES),
    help="Score as published, beside the published figures.",
)
@click.option(
    "--pooling",
    type=click.Choice(POOLINGS),
    default="mean",
    show_default=True,
    help="A clip's probability from those of its seconds.",
)
@json_option
@table_option
@windows_option
@scheduler_option
def evaluate(
    checkpoint: str,
    dataset: str,
    split: str,
    level: str,
    protocol_name: str | None,
    pooling: "Pooling",
    json_path: Path | None,
    table_dir: Path,
    windows_dir: Path,
    scheduler: str | None,
) -> None:
    """Score CHECKPOINT, a folder or org/name[@revision] on the Hub, on the clips of DATASET.

    DATASET is a data set of the table, `all` of it, `windows` for the rendered mixes, or a folder with
    a manifest.csv (columns path, present, absent, kind) and perhaps a reference.csv of another tagger.
    """
    from timbre.files import write_json
    from timbre.models.clip_evaluation import WINDOWS, evaluate_data_set, evaluate_windows
    from timbre.models.tagger import find_checkpoint

    _check_protocol(protocol_name, dataset, split)
    model = find_checkpoint(checkpoint)
    if _is_folder(dataset):
        result = _listening_test(Path(dataset), model)
    else:
        evaluated = (
            evaluate_windows(model, windows_dir / split)
            if dataset == WINDOWS
            else evaluate_data_set(model, table_dir, dataset, split, pooling=pooling, scheduler=scheduler)
        )
        result = _facts(evaluated, dataset, split, pooling)
        result |= _by_protocol(protocol_name, evaluated) if protocol_name else _at_levels(level, evaluated)
        _print(result)
    if json_path:
        write_json(json_path, result)


def _is_folder(dataset: str) -> bool:
    from timbre.models.listening.manifest import MANIFEST_FILE

    if (Path(dataset) / MANIFEST_FILE).is_file():
        return True
    if "/" in dataset:
        hint = "Write one that lists its files, or name a data set of the table."
        raise TimbreError("file_unreadable", f"{dataset} holds no {MANIFEST_FILE}.", hint)
    return False


def _listening_test(folder: Path, model: Path) -> dict[str, Any]:
    from timbre.models.listening.comparison import compare_with_reference
    from timbre.models.listening.lines import report_lines

    result = compare_with_reference(folder, model)
    click.echo("\n".join(report_lines(result)))
    return result


def _check_protocol(name: str | None, dataset: str, split: str) -> None:
    from timbre.models.protocols import PROTOCOLS

    if name and (dataset, split) != (PROTOCOLS[name].dataset, "test"):
        raise click.UsageError(f"--protocol {name} scores {PROTOCOLS[name].dataset}, --split test.")


def _by_protocol(name: str, evaluated: "Evaluated") -> dict[str, Any]:
    from timbre.models.protocols import PROTOCOLS, protocol_scores

    return protocol_scores(PROTOCOLS[name], evaluated)


def _at_levels(level: str, evaluated: "Evaluated") -> dict[str, Any]:
    return {"levels": evaluated.scores(LEVELS if level == EVERY_LEVEL else (level,))}


def _print(result: dict[str, Any]) -> None:
    from timbre.models.score_tables import level_lines, protocol_lines

    click.echo("\n".join(level_lines(result) if "levels" in result else protocol_lines(result)))


def _facts(evaluated: "Evaluated", dataset: str, split: str, pooling: str) -> dict[str, Any]:
    """What the numbers are of; what could not be scored is also said at once."""
    for problem in evaluated.problems:
        click.echo(f"Left out: {problem}", err=True)
    return {
        "model": evaluated.tagger.name,
        "dataset": dataset,
        "split": split,
        "pooling": pooling,
        "left_out": evaluated.problems,
    }
