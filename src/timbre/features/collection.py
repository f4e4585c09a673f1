"""New rows into the metadata table: everything is divided anew, checked for leaks, written and described."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from timbre.data.problems import Problem, read_problems, write_problems
from timbre.data.summary import write_summary
from timbre.data.table import (
    HELD_BACK_FILE,
    read_table,
    replace_rows,
    with_all_columns,
    write_held_back,
    write_table,
)
from timbre.features.provenance import write_provenance
from timbre.features.splits import assign_splits, without_leaks

LEFT_OUT = "left out: its group, file or recording is held out further"


def add_rows(
    rows: pd.DataFrame,
    problems: Sequence[Problem],
    table_dir: Path,
    step: str,
    *,
    seed: int = 0,
    read_whole: Mapping[str, Path] = MappingProxyType({}),
) -> pd.DataFrame:
    """Put rows into the table of `table_dir` and return all of it.

    Parameters
    ----------
    problems
        Clips that cannot be used; they leave the table, if an earlier run could use them.
    step
        Names the provenance record.
    read_whole
        Names and folders of which all clips were read: their rows of before are forgotten.
    """
    old = _known_before(table_dir)
    gone = pd.Series(False, index=old.index)
    for name, folder in read_whole.items():
        gone |= (old["dataset"] == name) & (old["root"] == str(folder.resolve()))
    gone |= old["clip_id"].isin([problem.clip_id for problem in problems])
    table = replace_rows(old[~gone], with_all_columns(rows))
    table.loc[table["kind"] != "rendered", "split"] = ""  # a new source may change who is held out
    table, leaks = without_leaks(assign_splits(table, seed))
    problems = _all_problems(rows, problems, leaks, table_dir)
    write_held_back(leaks, table_dir)
    write_table(table, table_dir)
    write_problems(problems, table_dir)
    write_summary(table, problems, table_dir)
    counts = {split: int(n) for split, n in table["split"].value_counts().items()}
    facts = {"clips": len(table), "splits": counts, "seed": seed, "problems": len(problems)}
    write_provenance(table_dir, step, facts)
    return table


def _known_before(table_dir: Path) -> pd.DataFrame:
    """The table, and the rows that leaked: what they leaked to may be gone now."""
    table, leaked = read_table(table_dir), read_table(table_dir, HELD_BACK_FILE)
    return replace_rows(leaked, table) if len(table) else leaked


def _all_problems(
    rows: pd.DataFrame, problems: Sequence[Problem], leaks: pd.DataFrame, table_dir: Path
) -> list[Problem]:
    """The problems of now, and those of before in data sets that were not read again."""
    read_again = {*rows["dataset"], *(problem.dataset for problem in problems)}
    before = [problem for problem in read_problems(table_dir) if problem.problem != LEFT_OUT]
    kept = [problem for problem in before if problem.dataset not in read_again]
    left_out = [Problem(*row, LEFT_OUT) for row in zip(leaks["dataset"], leaks["path"], strict=True)]
    return list(dict.fromkeys([*kept, *problems, *left_out]))
