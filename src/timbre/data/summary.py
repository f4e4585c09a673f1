"""What the table holds, in words and numbers: clips, hours, groups and licences by source and instrument."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from timbre.data.problems import Problem
from timbre.data.table import SPLITS
from timbre.files import write_text
from timbre.taxonomy import INSTRUMENTS

SUMMARY_FILE = "summary.md"
GROUP_ONLY, UNKNOWN, NO_INSTRUMENT = "one of several", "unknown", "no instrument"
_WORDS = (GROUP_ONLY, UNKNOWN, NO_INSTRUMENT)
_HOUR_S = 3600.0


def by_instrument(table: pd.DataFrame) -> pd.DataFrame:
    """A row for every clip and instrument in it, with the column `instrument`: a leaf id or a word.

    The words are `GROUP_ONLY` for a clip of which only groups of leaves are known, `NO_INSTRUMENT` where
    every leaf is absent, and `UNKNOWN` for what is left: music that nobody was asked about, or a sound
    outside the ontology.
    """
    columns = zip(table["present"], table["any_of"], table["absent"], strict=True)
    named = [list(present) or [_word(any_of, absent)] for present, any_of, absent in columns]
    return table.assign(instrument=named).explode("instrument", ignore_index=True)


def _word(any_of: Sequence[str], absent: Sequence[str]) -> str:
    if len(any_of):
        return GROUP_ONLY
    return NO_INSTRUMENT if len(absent) == len(INSTRUMENTS) else UNKNOWN


def instrument_order(found: Iterable[str]) -> list[str]:
    """Leaves in the order of the ontology, then the words."""
    found = set(found)
    order = [*(instrument.id for instrument in INSTRUMENTS), *_WORDS]
    return [name for name in order if name in found]


def summary(table: pd.DataFrame, problems: Sequence[Problem]) -> str:
    """Markdown: sources, instruments, and what was left out."""
    rows = by_instrument(table)
    found = set(rows["instrument"])
    missing = [instrument.id for instrument in INSTRUMENTS if instrument.id not in found]
    parts = [
        "# The data",
        f"{len(table):,} clips, {_hours(table)} hours, {table['group'].nunique():,} groups.",
        "## Sources",
        _markdown("source", dict(iter(table.groupby("dataset")))),
        "## Instruments",
        _markdown(
            "instrument",
            {name: rows[rows["instrument"] == name] for name in instrument_order(found)},
        ),
        f"Without a clip: {', '.join(missing) or 'none'}.",
        "## Left out",
        _problems(problems),
    ]
    return "\n\n".join(parts) + "\n"


def write_summary(table: pd.DataFrame, problems: Sequence[Problem], folder: Path) -> str:
    """Write `summary.md` and return its text."""
    text = summary(table, problems)
    write_text(folder / SUMMARY_FILE, text)
    return text


def _markdown(title: str, parts: dict[str, pd.DataFrame]) -> str:
    head = f"| {title} | clips | hours | groups | train | validation | test | licences |"
    rows = [
        f"| {name} | {len(part):,} | {_hours(part)} | {part['group'].nunique():,} "
        + "".join(f"| {int((part['split'] == split).sum()):,} " for split in SPLITS)
        + f"| {_licenses(part)} |"
        for name, part in parts.items()
    ]
    return "\n".join([head, "|---|--:|--:|--:|--:|--:|--:|---|", *rows])


def _licenses(part: pd.DataFrame) -> str:
    return ", ".join(f"{name} ({n:,})" for name, n in part["license"].value_counts().items())


def _hours(part: pd.DataFrame) -> str:
    return f"{part['duration_s'].sum() / _HOUR_S:.2f}"


def _problems(problems: Sequence[Problem]) -> str:
    counts = Counter((problem.dataset, problem.problem) for problem in problems if problem.path)
    lines = [f"- {source}: {n:,} {problem}" for (source, problem), n in sorted(counts.items())]
    lines += [f"- {problem.dataset}: {problem.problem}" for problem in problems if not problem.path]
    return "\n".join(lines) or "Nothing."
