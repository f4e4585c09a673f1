"""The metadata table: one row a clip, as Parquet (lists are lists) and as CSV (lists joined by `;`)."""

from pathlib import Path

import pandas as pd

from timbre.data.dictionary import COLUMNS, FIELDS, LIST_COLUMNS
from timbre.errors import TimbreError
from timbre.files import atomic

SPLITS = ("train", "validation", "test")
TABLE_FILE = "metadata.parquet"
HELD_BACK_FILE = "held_back.parquet"  # rows that would leak, for as long as they would
SPLITS_DIR = "splits"


def read_table(folder: Path, file: str = TABLE_FILE) -> pd.DataFrame:
    """The table in `folder`, or an empty one; list columns hold lists of text.

    Raises
    ------
    TimbreError
        When the file is no table.
    """
    path = folder / file
    if not path.exists():
        return pd.DataFrame({column: [] for column in COLUMNS})
    try:
        table = with_all_columns(pd.read_parquet(path))
    except (OSError, ValueError):
        raise TimbreError(
            "bad_table", f"{path} cannot be read as a table.", "Remove it and read the data again."
        ) from None
    for column in LIST_COLUMNS:
        table[column] = [list(values) for values in table[column]]
    return table


def read_clips(folder: Path) -> pd.DataFrame:
    """The table in `folder`, where there is one that holds clips.

    Raises
    ------
    TimbreError
        `bad_table`.
    """
    table = read_table(folder)
    if table.empty:
        raise TimbreError("bad_table", f"There is no table of clips in {folder}.", "Run `timbre data` first.")
    return table


def with_all_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the default of every column that they lack."""
    lacking = [field for field in FIELDS if field.name not in rows]
    return rows.assign(
        **{f.name: [[] for _ in range(len(rows))] if f.is_list else f.default for f in lacking}
    )


def write_table(table: pd.DataFrame, folder: Path) -> None:
    """Write both forms of the table and the list of each split, each file whole or not at all."""
    table = table[list(COLUMNS)]
    with atomic(folder / TABLE_FILE) as temporary:
        table.to_parquet(temporary, index=False)
    joined = table.copy()
    for column in LIST_COLUMNS:
        joined[column] = [";".join(values) for values in table[column]]
    _write_csv(joined, (folder / TABLE_FILE).with_suffix(".csv"))
    for split in SPLITS:
        rows = table.loc[table["split"] == split, ["clip_id", "group"]]
        _write_csv(rows, folder / SPLITS_DIR / f"{split}.csv")


def write_held_back(rows: pd.DataFrame, folder: Path) -> None:
    """Keep rows that are no part of the table now and may be later."""
    with atomic(folder / HELD_BACK_FILE) as temporary:
        rows[list(COLUMNS)].to_parquet(temporary, index=False)


def _write_csv(rows: pd.DataFrame, path: Path) -> None:
    with atomic(path) as temporary:
        rows.to_csv(temporary, index=False)


def replace_rows(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """`table` with `rows` in the place of whatever it held under the same clip ids."""
    kept = table[~table["clip_id"].isin(rows["clip_id"])]
    merged = rows if kept.empty else pd.concat([kept, rows], ignore_index=True)
    return merged.sort_values("clip_id", ignore_index=True)
