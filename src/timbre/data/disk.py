"""Room on the disk: what is free, what is needed, and one sentence when there is none left."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from timbre.errors import TimbreError

# No space, no quota, and a file larger than its file system (or the process) may have.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_HINT = "Make room and run the same command again: it goes on where it stopped."
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def readable_bytes(n_bytes: float) -> str:
    """`3.4 GB`."""
    exponent = 0
    while n_bytes >= 999.5 and exponent < len(_UNITS) - 1:
        n_bytes /= 1_000
        exponent += 1
    return f"{n_bytes:.3g} {_UNITS[exponent]}"


def free_bytes(folder: Path) -> int:
    """What may be written below a folder, which need not be there yet."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free


def require_room(folder: Path, needed_bytes: float) -> None:
    """Check before the work begins.

    Raises
    ------
    TimbreError
        `disk_full`, with what is needed and what is free.
    """
    free = free_bytes(folder)
    if needed_bytes > free:
        message = f"{readable_bytes(needed_bytes)} are needed in {folder}, {readable_bytes(free)} are free."
        raise TimbreError("disk_full", message, _HINT)


@contextmanager
def full_disk_told(path: Path) -> Iterator[None]:
    """Turns the system's error for a full disk into `disk_full`, naming what was being written."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        message = f"There is no room left in {path.parent} for {path.name}."
        raise TimbreError("disk_full", message, _HINT) from None


@contextmanager
def write_errors_told(folder: Path) -> Iterator[None]:
    """`full_disk_told`, and a sentence for what else keeps a folder from being written."""
    try:
        with full_disk_told(folder):
            yield
    except OSError as error:
        message = f"{error.filename or folder} cannot be written: {error.strerror or error}."
        raise TimbreError("file_unreadable", message) from None
