"""An mp4 whose index stands at its end, as bytes that can be decoded in one go.

ffmpeg would have to seek in such a file, and for that be told its path and be let open files. Here
the index (`moov`) is read, its chunk offsets are moved by its own length, and it goes in front, so the
child needs nothing but its standard input.
"""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from timbre.errors import TimbreError

_LARGEST_INDEX_BYTES = 1 << 24  # three hours of AAC have one of 4 MB
_MOST_BOXES = 2_000  # a song has dozens; a file of nothing but boxes would be walked for minutes
_PATH = (b"trak", b"mdia", b"minf", b"stbl")  # from the index down to the chunk offsets
_OFFSETS = {b"stco": ">u4", b"co64": ">u8"}
_TABLE_HEAD_BYTES = 8  # version, flags and number of entries


def no_index() -> TimbreError:
    """What to say of an mp4 without `moov`: nearly always its end is missing."""
    return TimbreError(
        "not_audio", "The file was cut off: its index is missing.", "Copy or download it again."
    )


class _Box(NamedTuple):
    kind: bytes
    start: int
    body: int
    end: int


def index_in_front(file: BinaryIO, size_bytes: int, piece_bytes: int) -> Iterator[bytes]:
    """The bytes of an mp4, its index right behind its first box.

    Raises
    ------
    TimbreError
        `not_audio` where there is no index, or none that a song has.
    """
    first, index = _first_and_index(file, size_bytes)
    yield from _stretch(file, 0, first.end, piece_bytes)
    yield _moved(_read(file, index), first.end, index)
    yield from _stretch(file, first.end, index.start, piece_bytes)
    yield from _stretch(file, index.end, size_bytes, piece_bytes)


def _first_and_index(file: BinaryIO, size_bytes: int) -> tuple[_Box, _Box]:
    first = None
    for box in _walk(file, 0, size_bytes):
        if box.kind == b"moov" and first:
            return first, box
        first = first or box
    raise no_index()


def _walk(file: BinaryIO, start: int, end: int, path: tuple[bytes, ...] = ()) -> Iterator[_Box]:
    """The boxes from `start` to `end`, and in those that `path` names the ones inside.

    Raises
    ------
    TimbreError
        `not_audio` when there are more than any song has.
    """
    for _ in range(_MOST_BOXES):
        box = _box(file, start, end)
        if box is None:
            return
        yield box
        if path and box.kind == path[0]:
            yield from _walk(file, box.body, box.end, path[1:])
        start = box.end
    raise TimbreError("not_audio")


def _box(file: BinaryIO, start: int, end: int) -> _Box | None:
    """The box at `start`; None where there is none that fits."""
    file.seek(start)
    head = file.read(16)
    size, body = int.from_bytes(head[:4], "big"), start + 8
    if size == 1:
        size, body = int.from_bytes(head[8:16], "big"), start + 16
    elif size == 0:  # to the end
        size = end - start
    if body > end or start + size < body or start + size > end:
        return None
    return _Box(head[4:8], start, body, start + size)


def _read(file: BinaryIO, box: _Box) -> bytes:
    if box.end - box.start > _LARGEST_INDEX_BYTES:
        raise TimbreError("not_audio")
    file.seek(box.start)
    return file.read(box.end - box.start)


def _moved(index: bytes, to: int, was: _Box) -> bytes:
    """The index as it reads where it stands at `to`: what lay between there and here is now behind it."""
    moved = bytearray(index)
    if not any(moved[:4]):  # "to the end of the file", which is no longer here
        moved[:4] = len(moved).to_bytes(4, "big")
    for n, box in enumerate(_walk(io.BytesIO(index), was.body - was.start, len(index), _PATH)):
        if n > _MOST_BOXES or box.kind == b"cmov":  # compressed, as 30 years ago: it cannot be moved
            raise TimbreError("not_audio")
        if box.kind in _OFFSETS and box.end - box.body > _TABLE_HEAD_BYTES:
            table = memoryview(moved)[box.body + _TABLE_HEAD_BYTES : box.end]
            _shift(table, np.dtype(_OFFSETS[box.kind]), to, was)
    return bytes(moved)


def _shift(table: memoryview, dtype: np.dtype[Any], to: int, was: _Box) -> None:
    """Make chunk offsets between `to` and the old place of the index larger by its length, where they lie."""
    offsets = np.frombuffer(table, dtype, count=len(table) // dtype.itemsize)
    overtaken = (offsets >= to) & (offsets < was.start)
    length = was.end - was.start
    if int(offsets.max(where=overtaken, initial=0)) + length > np.iinfo(dtype).max:
        raise TimbreError("not_audio")
    np.add(offsets, length, out=offsets, where=overtaken)


def _stretch(file: BinaryIO, start: int, end: int, piece_bytes: int) -> Iterator[bytes]:
    file.seek(start)
    while start < end and (piece := file.read(min(piece_bytes, end - start))):
        start += len(piece)
        yield piece
