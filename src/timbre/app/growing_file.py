"""A file that one thread writes while another already reads it."""

import threading
from collections.abc import Iterator
from pathlib import Path

from timbre.audio.decode import PIECE_BYTES
from timbre.errors import TimbreError


class GrowingFile:
    """An upload on its way to disk.

    The writer calls `write` for each piece and then `finish`, or `abort` when the rest will never
    come; the reader iterates over `pieces`, which waits for more.
    """

    def __init__(self, path: Path):
        self.path = path
        self.size_bytes = 0
        self.complete = False
        self.keeps = True  # whether the file is to stay after the song is tagged
        self._error: TimbreError | None = None
        self._changed = threading.Condition()
        path.parent.mkdir(parents=True, exist_ok=True)
        # Closed by finish or abort, which the writer calls in any case.
        self._file = path.open("wb", buffering=0)

    @classmethod
    def of_complete(cls, path: Path) -> "GrowingFile":
        """A file that is all there, as after a restart of the server."""
        growing = cls.__new__(cls)
        growing.path, growing.size_bytes, growing.complete = path, path.stat().st_size, True
        growing.keeps, growing._error, growing._changed = True, None, threading.Condition()
        return growing

    def write(self, piece: bytes) -> None:
        """Append.

        Raises
        ------
        TimbreError
            The reader's own error, when it has given up on the file and more is no use.
        OSError
            As writing does, disk full above all.
        """
        with self._changed:  # also while writing: `abort` closes the file
            if self._error:
                raise self._error
            self._file.write(piece)
            self.size_bytes += len(piece)
            self._changed.notify_all()

    def finish(self) -> None:
        """Every byte is there."""
        with self._changed:
            self._file.close()
            self.complete = self._error is None
            self._changed.notify_all()

    def abort(self, error: TimbreError) -> None:
        """No more will come, or no more is wanted: both sides get this error. The first one counts."""
        with self._changed:
            if not self.complete:
                self._error = self._error or error
                self._file.close()
            self._changed.notify_all()

    def wait(self, n_bytes: int | None = None) -> None:
        """Wait until so many bytes are there (None: all of them), or the file is complete.

        Raises
        ------
        TimbreError
            What `abort` was called with.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self.complete or self._error or (n_bytes is not None and self.size_bytes >= n_bytes)
            )
            if self._error:
                raise self._error

    def head(self, n_bytes: int) -> bytes:
        """The first bytes, once they are there; fewer of a shorter file."""
        self.wait(n_bytes)
        with self.path.open("rb") as file:
            return file.read(n_bytes)

    def pieces(self) -> Iterator[bytes]:
        """All bytes from the start, waiting for more until the file is complete.

        Raises
        ------
        TimbreError
            What `abort` was called with.
        """
        position = 0
        with self.path.open("rb") as file:
            while True:
                self.wait(position + 1)
                piece = file.read(PIECE_BYTES)
                if not piece:
                    return
                position += len(piece)
                yield piece
