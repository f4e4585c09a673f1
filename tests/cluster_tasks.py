"""Tasks for the tests of `timbre.data.parallel`, where other processes can import them."""

import os
from pathlib import Path

from timbre.errors import TimbreError


def square(number: int) -> int:
    return number**2


def process_id(_: int) -> int:
    return os.getpid()


def refuse(number: int) -> int:
    if number == 3:
        raise TimbreError("file_unreadable", "The third is no good.")
    return number


def read(path: str) -> str:
    return Path(path).read_text()


def die(number: int) -> int:
    if number == 1:
        os._exit(1)
    return number
