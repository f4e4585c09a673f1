"""One process at a time in a folder; the lock goes with its process, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from timbre.data.raw_folder import LOCK_FILE
from timbre.errors import TimbreError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder, which is made if need be.

    Raises
    ------
    TimbreError
        `in_use` when another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK_FILE).open("a") as file:
        if not take(file):
            raise TimbreError("in_use", f"Another process is writing into {folder}.")
        yield


def take(file: IO[str]) -> bool:
    """Lock an open file until it is closed here and in every child; False where another process has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
