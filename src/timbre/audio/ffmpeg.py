"""The ffmpeg child: bytes in at one end, bytes out at the other, with limits on what it may use."""

import contextlib
import fcntl
import os
import resource
import select
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from functools import cache
from typing import IO

import imageio_ffmpeg

from timbre.errors import TimbreError

_PIPE_BYTES = 1 << 20  # of output: 8 s of waveform, so that a slow reader gets it in large pieces
_STDERR_BYTES = 1 << 16
_POLL_S = 1.0


@cache
def ffmpeg_path() -> str:
    """The ffmpeg to run: `TIMBRE_FFMPEG`, else the system's, else the binary of imageio-ffmpeg."""
    chosen = os.environ.get("TIMBRE_FFMPEG") or shutil.which("ffmpeg")
    return chosen or str(imageio_ffmpeg.get_ffmpeg_exe())


class Child:
    """One running ffmpeg, fed by a thread of its own since both ends may block.

    Parameters
    ----------
    arguments
        All of them, our own words and paths only.
    pieces
        What goes into its standard input; may block while more is on its way.
    cpu_s, memory_bytes
        Limits held by the kernel (on Linux).
    stall_s
        It is ended when it gives nothing for so long though its input is there.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        pieces: Iterator[bytes],
        *,
        cpu_s: int,
        memory_bytes: int,
        stall_s: float,
    ):
        self.stderr = ""
        self._pieces = pieces
        self._stall_s = stall_s
        self._source_error: Exception | None = None
        self._busy_since: float | None = time.monotonic()  # None while the source is waited for
        command = [ffmpeg_path(), "-hide_banner", "-nostats", "-nostdin", "-threads", "1", *arguments]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
        self._limit(cpu_s, memory_bytes)
        self._threads = [
            threading.Thread(target=work, daemon=True, name="ffmpeg")
            for work in (self._feed, self._collect_stderr)
        ]
        for thread in self._threads:
            thread.start()

    def read(self, n_bytes: int) -> bytes:
        """What it has ready, at most `n_bytes`; empty at the end.

        Raises
        ------
        TimbreError
            `decoder_crashed` when it stalls.
        """
        stdout = _pipe(self._process.stdout)
        try:
            while not select.select([stdout], [], [], _POLL_S)[0]:
                busy_since = self._busy_since
                if busy_since and time.monotonic() - busy_since > self._stall_s:
                    raise TimbreError("decoder_crashed")
            self._busy_since = self._busy_since and time.monotonic()
            return os.read(stdout.fileno(), n_bytes)
        except (ValueError, OSError):  # closed meanwhile by another thread
            return b""

    def wait(self) -> int:
        """Its exit status (negative: the signal that ended it), once it is done.

        Raises
        ------
        Exception
            Whatever the source of the bytes raised.
        """
        status = self._process.wait()
        for thread in self._threads:
            thread.join(timeout=5)
        if self._source_error:
            raise self._source_error
        return status

    def close(self) -> None:
        """End it, whatever it is doing. Safe to call twice and from another thread."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                _pipe(pipe).close()

    def _limit(self, cpu_s: int, memory_bytes: int) -> None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(_pipe(self._process.stdout), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(self._process.pid, resource.RLIMIT_CPU, (cpu_s, cpu_s))
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (memory_bytes, memory_bytes))

    def _feed(self) -> None:
        stdin = _pipe(self._process.stdin)
        try:
            with stdin:
                self._busy_since = None
                for piece in self._pieces:
                    self._busy_since = time.monotonic()
                    _write_all(stdin.fileno(), piece)
                    self._busy_since = None
        except (BrokenPipeError, ValueError):  # it has seen enough, or was closed
            pass
        except Exception as error:  # of the source: the thread that reads will raise it
            self._source_error = error
        finally:
            self._busy_since = time.monotonic()

    def _collect_stderr(self) -> None:
        stderr = _pipe(self._process.stderr)
        with contextlib.suppress(ValueError, OSError):
            while piece := os.read(stderr.fileno(), 4_096):
                self.stderr = (self.stderr + piece.decode("utf-8", "replace"))[-_STDERR_BYTES:]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _write_all(descriptor: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(descriptor, view) :]
