"""Rows of the tables that come with data sets."""

import csv
from collections.abc import Iterable, Iterator
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
                raise TimbreError("bad_table", f"{path} has no column {', '.join(missing)}.")
            yield from ({key: value or "" for key, value in row.items() if key} for row in reader)
    except (UnicodeDecodeError, csv.Error):
        raise TimbreError("bad_table", f"{path} is not a CSV in UTF-8.") from None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise TimbreError("file_unreadable", f"{path} cannot be read: {reason}.") from None
