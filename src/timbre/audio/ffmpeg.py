"""The ffmpeg child: bytes in at one end, bytes out at the other, with limits on what it may use.

It reads its standard input and nothing else, so its limits are in place before it has a byte, and it
ends by itself when the process that feeds it is gone.

RLIMIT_NPROC is not among the limits: it counts every process and thread of the user, the server's own
hundreds with them, and does not bind root. ffmpeg 5 starts no thread, ffmpeg 9 about seven; what
bounds more of them is the address space that their stacks take.
"""

import contextlib
import fcntl
import os
import resource
import select
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import IO

import imageio_ffmpeg

from timbre.errors import TimbreError

_PIPE_BYTES = 1 << 20  # of output: 8 s of waveform, so that a slow reader gets it in large pieces
_STDERR_HEAD, _STDERR_TAIL = 1 << 14, 1 << 15  # characters
_POLL_S = 1.0
_JOIN_S = 5.0
_OPEN_FILES = 16  # its three pipes, one output, and what loading a shared library takes for a moment
# What finding and loading a program takes, and no more: the environment holds tokens, and FFREPORT a path.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True)
class ChildLimits:
    """What one child may use."""

    cpu_s: int = 300
    memory_bytes: int = 1 << 30  # of address space
    stall_s: float = 60.0  # without output while input is there
    wall_s: float = 1_800.0  # of waiting for output while input is there, all waits together


@cache
def ffmpeg_path() -> str:
    """The ffmpeg to run: `TIMBRE_FFMPEG`, else the system's, else the binary of imageio-ffmpeg."""
    chosen = os.environ.get("TIMBRE_FFMPEG") or shutil.which("ffmpeg")
    return chosen or str(imageio_ffmpeg.get_ffmpeg_exe())


def child_environment() -> dict[str, str]:
    """What of our environment a child may see."""
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


class Child:
    """One running ffmpeg, fed by a thread of its own since both ends may block.

    Parameters
    ----------
    arguments
        All of them, our own words and paths only.
    pieces
        What goes into its standard input; may block while more is on its way.
    limits
        Of processor and memory, held by the kernel (on Linux), and of time, held here.
    file_bytes
        The largest file that it may write; what comes by its standard output does not count.
    """

    def __init__(
        self, arguments: Sequence[str], pieces: Iterator[bytes], limits: ChildLimits, file_bytes: int = 0
    ):
        self.stderr = ""
        self._pieces = pieces
        self._limits = limits
        self._source_error: Exception | None = None
        # Each written by one thread alone: when input last went in, and whether more is waited for.
        self._fed_s = time.monotonic()
        self._waits_for_source = False
        self._waited_s = 0.0
        command = [ffmpeg_path(), "-hide_banner", "-nostats", "-nostdin", "-threads", "1", *arguments]
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=child_environment()
            )
        except OSError as error:
            raise TimbreError(
                "decoder_crashed", "ffmpeg cannot be started.", "Check TIMBRE_FFMPEG and the memory."
            ) from error
        self._hold_to(limits, file_bytes)
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
            `decoder_crashed` when it stalls, or takes too long altogether.
        """
        stdout = _pipe(self._process.stdout)
        ready = select.poll()  # select would not do: it fails on descriptors above 1023
        ready.register(stdout, select.POLLIN | select.POLLHUP)
        asked_s = time.monotonic()
        while not self._wait_for(ready):
            if self._idle_s(asked_s) > self._limits.stall_s:
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
            status = self._process.wait(self._limits.stall_s)
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

    def _wait_for(self, ready: select.poll) -> bool:
        """Whether it has given something; waits a moment for it, and not for ever altogether."""
        asked_s = time.monotonic()
        came = bool(ready.poll(_POLL_S * 1_000))
        self._waited_s += min(_POLL_S, self._idle_s(asked_s))  # not what we ourselves were stopped for
        if self._waited_s > self._limits.wall_s:
            raise TimbreError("decoder_crashed")
        return came

    def _idle_s(self, since_s: float) -> float:
        """How long it has had its input since then and given nothing."""
        return 0.0 if self._waits_for_source else time.monotonic() - max(since_s, self._fed_s)

    def _hold_to(self, limits: ChildLimits, file_bytes: int) -> None:
        if sys.platform != "linux":
            return
        with contextlib.suppress(OSError):
            fcntl.fcntl(_pipe(self._process.stdout), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        held = {
            resource.RLIMIT_CPU: limits.cpu_s,
            resource.RLIMIT_AS: limits.memory_bytes,
            resource.RLIMIT_FSIZE: file_bytes,
            resource.RLIMIT_NOFILE: _OPEN_FILES,
            resource.RLIMIT_CORE: 0,
        }
        with contextlib.suppress(ProcessLookupError):
            for what, most in held.items():
                resource.prlimit(self._process.pid, what, (most, most))

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
