"""The head of a safetensors file: what lies where in it."""

import json
from pathlib import Path
from typing import Any


def read_header(path: Path) -> tuple[dict[str, Any], int]:
    """The tensors by name, and the byte of the file from which their offsets count.

    A file begins with the length of its header in 8 bytes, little end first, and the header as JSON:
    of each tensor `dtype`, `shape` and `data_offsets`, and perhaps words about all of them (`__metadata__`).

    Raises
    ------
    ValueError
        When the file does not begin so.
    """
    with path.open("rb") as file:
        length_bytes = int.from_bytes(file.read(8), "little")
        if not 2 <= length_bytes <= path.stat().st_size:
            raise ValueError("no header")
        try:
            header = json.loads(file.read(length_bytes))
        except RecursionError:
            raise ValueError("no header") from None
    if not isinstance(header, dict):
        raise ValueError("no header")
    header.pop("__metadata__", None)
    return header, 8 + length_bytes
