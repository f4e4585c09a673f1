"""Samples from a socket on their way to a decoder, through memory alone unless they are to be kept."""

import contextlib
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from timbre.app.recording import Recording
from timbre.audio.decode import RawFormat
from timbre.errors import TimbreError

LARGEST_PIECE_BYTES = 1 << 16  # 64 KiB; a piece is smaller
_RATES_HZ = (8_000, 192_000)
_PIECES_WAITING = 256  # tagging is never so far behind a microphone that plays in real time
_POLL_S = 0.1


def microphone_off() -> TimbreError:
    """The answer to samples that nobody waits for."""
    return TimbreError("not_possible", "The microphone is off.", "Start it first.")


@dataclass(frozen=True)
class LiveFormat:
    """How a microphone's samples are written: mono, little-endian."""

    sample_rate_hz: int
    dtype: str  # numpy's
    codec: str  # ffmpeg's

    @classmethod
    def of(cls, sample_rate_hz: object, form: object = "float32") -> "LiveFormat":
        """The format that a client names.

        Raises
        ------
        TimbreError
            `bad_request`.
        """
        is_rate = isinstance(sample_rate_hz, int | float) and not isinstance(sample_rate_hz, bool)
        if not is_rate or not _RATES_HZ[0] <= sample_rate_hz <= _RATES_HZ[1]:  # type: ignore[operator]
            raise TimbreError("bad_request", "The sample rate of the microphone is out of range.")
        if form == "float32":
            return cls(round(sample_rate_hz), "<f4", "f32le")  # type: ignore[call-overload]
        if form == "int16":
            return cls(round(sample_rate_hz), "<i2", "s16le")  # type: ignore[call-overload]
        raise TimbreError("bad_request", "The samples of the microphone must be float32 or int16.")

    @property
    def raw(self) -> RawFormat:
        """The same for a `Decoder`."""
        return RawFormat(self.sample_rate_hz, self.codec)

    @property
    def sample_bytes(self) -> int:
        """Of one sample."""
        return np.dtype(self.dtype).itemsize

    def samples(self, piece: object) -> NDArray[np.float32]:
        """The samples of a piece, in [-1, 1] unless it is louder.

        Raises
        ------
        TimbreError
            `bad_request` for what is no piece of samples, or none that can be heard.
        """
        if not isinstance(piece, bytes) or not piece:
            raise TimbreError("bad_request", "A piece of microphone is bytes, and not empty.")
        if len(piece) >= LARGEST_PIECE_BYTES:
            raise TimbreError(
                "bad_request", "A piece of microphone is smaller than 64 KB.", "Send smaller pieces."
            )
        if len(piece) % self.sample_bytes:
            raise TimbreError("bad_request", "A piece of microphone ends in the middle of a sample.")
        samples = np.frombuffer(piece, self.dtype)
        if samples.dtype.kind == "i":
            return samples.astype(np.float32) / np.float32(1 << 15)
        if not np.isfinite(samples).all():
            raise TimbreError("bad_request", "A piece of microphone holds samples that are no numbers.")
        return samples


class LiveSource:
    """What `Tagging` reads; the socket's thread writes.

    Parameters
    ----------
    max_bytes
        As much is taken, and no more.
    stall_s
        A microphone that says nothing for longer is off.
    recording
        Where the samples are kept besides; closed by the end of the source, whatever it is.
    """

    def __init__(self, form: LiveFormat, max_bytes: int, stall_s: float, recording: Recording | None = None):
        self.size_bytes = 0
        self.complete = False
        self.keeps = recording is not None
        self.path = recording.path if recording else Path()
        self._form = form
        self._max_bytes = max_bytes
        self._stall_s = stall_s
        self._recording = recording
        self._error: TimbreError | None = None
        self._pieces: queue.Queue[bytes] = queue.Queue(_PIECES_WAITING)
        self._lock = threading.Lock()  # of the recording: any thread may end the source
        self._ended = threading.Event()

    def write(self, piece: object) -> None:
        """Append samples; a piece that is refused as `bad_request` ends nothing.

        Raises
        ------
        TimbreError
            As `LiveFormat.samples`; `too_long` after as much as is allowed, `queue_full` when they come
            faster than they are tagged, `disk_full`: what was heard until then stays. What `abort` was
            called with.
        """
        samples = self._form.samples(piece)
        assert isinstance(piece, bytes)
        if self._error:
            raise self._error
        if self.complete:
            raise microphone_off()
        if self.size_bytes + len(piece) > self._max_bytes:
            raise self._over("too_long", "The microphone was on for as long as is allowed.", "Start anew.")
        self._keep(samples)
        try:
            self._pieces.put_nowait(piece)
        except queue.Full:
            raise self._over("queue_full", "The server cannot keep up with the microphone.") from None
        self.size_bytes += len(piece)

    def _keep(self, samples: NDArray[np.float32]) -> None:
        if not self._recording:
            return
        try:
            with self._lock:
                if not self.complete:
                    self._recording.write(samples)
        except OSError:
            raise self._over("disk_full") from None

    def _over(self, code: str, *words: str) -> TimbreError:
        """End it for a reason, which whoever goes on sending is told again."""
        error = TimbreError(code, *words)
        self.abort(error)
        return error

    def finish(self) -> None:
        """The microphone is off."""
        with self._lock:
            if self._recording and not self.complete:
                with contextlib.suppress(OSError):  # a full disk has been told by `write`
                    self._recording.close()
            self.complete = True
        self._ended.set()

    def abort(self, error: TimbreError) -> None:
        """No more is wanted; the first error counts."""
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
