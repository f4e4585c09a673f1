"""The metadata table: one row a clip, as Parquet (lists are lists) and as CSV (lists joined by `;`)."""

from pathlib import Path

import pandas as pd

from timbre.files import atomic

COLUMNS = (
    "clip_id", "path", "dataset", "present", "absent", "group", "split", "license", "duration_s",
    "sha256", "root", "kind", "shippable", "key",
)  # fmt: skip
LIST_COLUMNS = ("present", "absent")
SPLITS = ("train", "validation", "test")
TABLE_FILE = "metadata.parquet"


def read_table(folder: Path) -> pd.DataFrame:
    """The table in `folder`, or an empty one; list columns hold lists of leaf ids."""
    path = folder / TABLE_FILE
    if not path.exists():
        return pd.DataFrame({column: [] for column in COLUMNS})
    table = pd.read_parquet(path)
    for column in LIST_COLUMNS:
        table[column] = [list(leaves) for leaves in table[column]]
    return table


def write_table(table: pd.DataFrame, folder: Path) -> None:
    """Write both forms of the table, each atomically."""
    table = table[list(COLUMNS)]
    with atomic(folder / TABLE_FILE) as temporary:
        table.to_parquet(temporary, index=False)
    joined = table.copy()
    for column in LIST_COLUMNS:
        joined[column] = [";".join(leaves) for leaves in table[column]]
    with atomic((folder / TABLE_FILE).with_suffix(".csv")) as temporary:
        joined.to_csv(temporary, index=False)


def replace_rows(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """`table` with `rows` in the place of whatever it held under the same clip ids."""
    kept = table[~table["clip_id"].isin(rows["clip_id"])]
    merged = rows if kept.empty else pd.concat([kept, rows], ignore_index=True)
    return merged.sort_values("clip_id", ignore_index=True)
