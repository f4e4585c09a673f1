"""One song in work: where its bytes come from, and what it has had of the server."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from timbre.audio.decode import RawFormat
from timbre.errors import TimbreError

LONG_S = 60.0  # of a song, tagged: from then on it is a long one
_SLOW_LINE_BYTES_PER_S = 1_000_000


class Source(Protocol):
    """Where the bytes of a song come from: a `GrowingFile`, or a microphone."""

    path: Path
    size_bytes: int
    complete: bool
    keeps: bool

    def head(self, n_bytes: int) -> bytes:
        """The first bytes, once they are there."""

    def pieces(self) -> Iterator[bytes]:
        """All bytes, waiting for more."""

    def wait(self, n_bytes: int | None = None) -> None:
        """Wait for so many bytes, or for all."""

    def abort(self, error: TimbreError) -> None:
        """Make both ends raise `error`."""


class Closable(Protocol):
    """A decoder or a child of ffmpeg."""

    def close(self) -> None:
        """End it, from any thread."""


@dataclass(eq=False)
class Job:
    """One song in work.

    Attributes
    ----------
    size_bytes
        What its sender announced; 0 when nothing was.
    suspect
        Whether it was in work when a server died.
    """

    song_id: str
    source: Source
    raw: RawFormat | None = None
    size_bytes: int = 0
    suspect: bool = False
    arrived_s: float = field(default_factory=time.monotonic)
    tagged_s: float = 0.0
    thread: threading.Thread | None = None
    at_work: list[Closable] = field(default_factory=list)  # what must be ended to end the job
    cancelled: bool = False
    audio_settled: bool = False
    length_checked: bool = False

    def add(self, work: Closable) -> None:
        """Remember what must be ended with the job; at once, if the job has been ended meanwhile."""
        self.at_work.append(work)
        if self.cancelled:
            work.close()

    @property
    def is_long(self) -> bool:
        """Whether so much of it is tagged that songs which just begin may pass it."""
        return self.tagged_s >= LONG_S

    @property
    def due_s(self) -> float:
        """When its turn to start has come, on the clock of arrival: a large one lets later small ones pass.

        It never waits for more than the songs that came until then, so nothing waits for ever.
        """
        return self.arrived_s + max(self.size_bytes, self.source.size_bytes) / _SLOW_LINE_BYTES_PER_S
