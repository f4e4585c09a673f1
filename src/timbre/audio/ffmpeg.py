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
_STDERR_HEAD, _STDERR_TAIL = 1 << 14, 1 << 15  # characters
_POLL_S = 1.0
_JOIN_S = 5.0


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
        # Each written by one thread alone: when input last went in, and whether more is waited for.
        self._fed_s = time.monotonic()
        self._waits_for_source = False
        command = [ffmpeg_path(), "-hide_banner", "-nostats", "-nostdin", "-threads", "1", *arguments]
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
        except OSError as error:
            raise TimbreError(
                "decoder_crashed", "ffmpeg cannot be started.", "Check TIMBRE_FFMPEG and the memory."
            ) from error
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
        ready = select.poll()  # select would not do: it fails on descriptors above 1023
        ready.register(stdout, select.POLLIN | select.POLLHUP)
        asked_s = time.monotonic()
        while not ready.poll(_POLL_S * 1_000):
            idle_s = time.monotonic() - max(asked_s, self._fed_s)
            if not self._waits_for_source and idle_s > self._stall_s:
                raise TimbreError("decoder_crashed")
        return os.read(stdout.fileno(), n_bytes)

    def wait(self) -> int:
        """Its exit status (negative: the signal that ended it), once it has given its last byte.

        Raises
        ------
        TimbreError
            `decoder_crashed` when it does not end.
        Exception
            Whatever the source of the bytes raised.
        """
        try:
            status = self._process.wait(self._stall_s)
        except subprocess.TimeoutExpired:
            raise TimbreError("decoder_crashed") from None
        for thread in self._threads:
            thread.join(timeout=_JOIN_S)
        if self._source_error:
            raise self._source_error
        return status

    def close(self) -> None:
        """End it, whatever it is doing. Safe to call twice and from another thread.

        The pipes are closed by the threads that use them: a number that another thread closed could
        already belong to another file.
        """
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def release(self) -> None:
        """End it and let go of its output; for the thread that reads, when it reads no more."""
        self.close()
        _pipe(self._process.stdout).close()

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
                self._waits_for_source = True
                for piece in self._pieces:
                    self._fed_s, self._waits_for_source = time.monotonic(), False
                    _write_all(stdin.fileno(), piece)
                    self._fed_s, self._waits_for_source = time.monotonic(), True
        except BrokenPipeError:  # it has seen enough, or was ended
            pass
        except Exception as error:  # of the source: the thread that reads will raise it
            self._source_error = error
        finally:
            self._fed_s, self._waits_for_source = time.monotonic(), False

    def _collect_stderr(self) -> None:
        with _pipe(self._process.stderr) as stderr:
            while piece := os.read(stderr.fileno(), 4_096):
                text = self.stderr + piece.decode("utf-8", "replace")
                # Its beginning tells the stream, its end what went wrong.
                self.stderr = text[:_STDERR_HEAD] + text[_STDERR_HEAD:][-_STDERR_TAIL:]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _write_all(descriptor: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(descriptor, view) :]
