"""The microphone: a song that arrives as samples over the socket. No recording of it is kept."""

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from timbre.app.context import Context
from timbre.audio.decode import RawFormat
from timbre.errors import TimbreError

LIVE_NAME = "Live"
RATES_HZ = (8_000, 192_000)
_PIECES_WAITING = 256  # tagging is never so far behind a microphone that plays in real time
_POLL_S = 0.1
_CODECS = {"float32": ("f32le", 4), "int16": ("s16le", 2)}  # ffmpeg's name, bytes a sample


class LiveSource:
    """Pieces of samples from a socket to a decoder, through memory alone."""

    keeps = False
    path = Path()

    def __init__(self, max_bytes: int, stall_s: float) -> None:
        self.size_bytes = 0
        self.complete = False
        self._max_bytes = max_bytes
        self._stall_s = stall_s
        self._error: TimbreError | None = None
        self._pieces: queue.Queue[bytes] = queue.Queue(_PIECES_WAITING)
        self._ended = threading.Event()

    def write(self, piece: bytes) -> None:
        """Append samples.

        Raises
        ------
        TimbreError
            `too_long` after as much as is allowed, `queue_full` when they come faster than they are
            tagged; what was heard until then stays.
        """
        if self._error:
            raise self._error
        if self.complete:
            return
        if self.size_bytes + len(piece) > self._max_bytes:
            self.finish()
            raise TimbreError(
                "too_long", "This has been live for as long as the server allows.", "Start anew."
            )
        try:
            self._pieces.put_nowait(piece)
        except queue.Full:
            self.finish()
            raise TimbreError("queue_full", "The server cannot keep up with the microphone.") from None
        self.size_bytes += len(piece)

    def finish(self) -> None:
        """The microphone is off."""
        self.complete = True
        self._ended.set()

    def abort(self, error: TimbreError) -> None:
        """No more is wanted."""
        self._error = self._error or error
        self.finish()

    def wait(self, n_bytes: int | None = None) -> None:
        """Wait until the microphone is off."""
        self._ended.wait()

    def head(self, n_bytes: int) -> bytes:
        """Samples have no container to look at."""
        return b""

    def pieces(self) -> Iterator[bytes]:
        """All samples, as they come; a microphone that says nothing for long is off."""
        heard_s = time.monotonic()
        while not (self.complete and self._pieces.empty()):
            try:
                yield self._pieces.get(timeout=_POLL_S)
                heard_s = time.monotonic()
            except queue.Empty:
                if time.monotonic() - heard_s > self._stall_s:
                    self.finish()


class LiveSessions:
    """At most one microphone a socket."""

    def __init__(self, context: Context):
        self._context = context
        self._sources: dict[str, LiveSource] = {}

    def start(self, socket_id: str, message: dict[str, Any]) -> str:
        """Begin; returns the song's id.

        Raises
        ------
        TimbreError
            `bad_request`, `not_possible`, and as `Songs.create`.
        """
        rate_hz = message["sample_rate_hz"]
        form = message.get("format", "float32")
        if isinstance(rate_hz, bool) or not isinstance(rate_hz, int | float) or form not in _CODECS:
            raise TimbreError("bad_request")
        codec, sample_bytes = _CODECS[form]
        if not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
            raise TimbreError("bad_request", "The sample rate of the microphone is out of range.")
        if socket_id in self._sources:
            raise TimbreError("not_possible", "The microphone is already on.", "Stop it first.")
        song_id = self._context.songs.create(LIVE_NAME)
        settings = self._context.settings
        max_bytes = int(settings.max_duration_s * rate_hz) * sample_bytes
        source = LiveSource(max_bytes, settings.stall_s)
        try:
            self._context.tagging.submit(song_id, source, RawFormat(round(rate_hz), codec), at_once=True)
        except TimbreError:
            self._context.songs.delete(song_id)
            raise
        self._sources[socket_id] = source
        return song_id

    def write(self, socket_id: str, piece: bytes) -> None:
        """Samples of a socket's microphone.

        Raises
        ------
        TimbreError
            `not_possible` when it is off, and as `LiveSource.write`.
        """
        source = self._sources.get(socket_id)
        if source is None:
            raise TimbreError("not_possible", "The microphone is off.", "Start it first.")
        source.write(piece)

    def stop(self, socket_id: str) -> None:
        """The microphone is off; what was heard is tagged to its end."""
        source = self._sources.pop(socket_id, None)
        if source:
            source.finish()
