"""What is not in the table, and why: `problems.csv`, beside it."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

import pandas as pd

from timbre.errors import TimbreError
from timbre.files import atomic

PROBLEMS_FILE = "problems.csv"
_COLUMNS = ["dataset", "path", "problem"]


@dataclass(frozen=True)
class Problem:
    """A clip that cannot be used; or, without a path, something odd about a data set."""

    dataset: str
    path: str
    problem: str

    @property
    def clip_id(self) -> str:
        """The id that the clip has or would have in the table."""
        return f"{self.dataset}:{self.path}"


def read_problems(folder: Path) -> list[Problem]:
    """What was found before; nothing where there is no file yet.

    Raises
    ------
    TimbreError
        When somebody made something else of the file.
    """
    path = folder / PROBLEMS_FILE
    if not path.exists():
        return []
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)[_COLUMNS]
    except (OSError, ValueError, KeyError):
        message = f"{path} is not the list of problems that was written there."
        raise TimbreError("bad_table", message, "Remove it and run the same command again.") from None
    return [Problem(*row) for row in rows.itertuples(index=False)]


def write_problems(problems: Iterable[Problem], folder: Path) -> None:
    """Write all of them, sorted."""
    rows = pd.DataFrame(sorted(map(astuple, problems)), columns=_COLUMNS)
    with atomic(folder / PROBLEMS_FILE) as temporary:
        rows.to_csv(temporary, index=False)
