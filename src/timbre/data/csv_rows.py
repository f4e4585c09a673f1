"""Rows of the tables that come with data sets."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from timbre.errors import TimbreError


def read_rows(path: Path, columns: Iterable[str]) -> Iterator[dict[str, str]]:
    """The rows of a CSV with a header, each as column to text.

    Raises
    ------
    TimbreError
        When the file is not there, is not text, or lacks one of `columns`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                message = f"{path} has no column {', '.join(missing)}."
                raise TimbreError("bad_table", message, f"It has {_named(reader.fieldnames)}.")
            yield from ({key: value or "" for key, value in row.items() if key} for row in reader)
    except (UnicodeDecodeError, csv.Error):
        hint = "Save it as a CSV in UTF-8, with commas."
        raise TimbreError("bad_table", f"{path} is not a CSV in UTF-8.", hint) from None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise TimbreError("file_unreadable", f"{path} cannot be read: {reason}.") from None


def _named(columns: Sequence[str] | None) -> str:
    """What a CSV has in the place of a missing column; a single one often means another separator."""
    if not columns:
        return "none at all"
    if len(columns) == 1:
        return f"a single one, {columns[0]}: columns are separated by commas"
    return ", ".join(columns)
