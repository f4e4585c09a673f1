"""Bars on the terminal: one for each file under way, with speed and time left, and one for all."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

Progress = Callable[[int, int | None], None]  # bytes done, and all that there will be where known

_TERMINAL_INTERVAL_S, _LOG_INTERVAL_S = 0.2, 30.0


def no_progress(done_bytes: int, total_bytes: int | None) -> None:
    """For who does not watch."""


class Stopped(Exception):
    """Raised in a piece of work that is watched by `Bars` after they were stopped."""


class Bars:
    """Bars for work in several threads, whose progress callbacks also tell the work to stop.

    Where there is no terminal only the overall line is written, now and then.

    Parameters
    ----------
    done_bytes, total_bytes
        Of all files together, as far as is known; what was done before counts for no speed.
    """

    def __init__(self, done_bytes: int, total_bytes: int, n_at_once: int):
        self._on_terminal = sys.stderr.isatty()
        self._places = list(range(n_at_once, 0, -1))
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        interval_s = _TERMINAL_INTERVAL_S if self._on_terminal else _LOG_INTERVAL_S
        self._overall = _bar("all files", done_bytes, total_bytes, mininterval=interval_s)

    def stop(self) -> None:
        """Make every piece of work raise `Stopped` at its next step."""
        self._stopped.set()

    def close(self) -> None:
        """Leave the overall bar as it stands."""
        self._overall.close()

    @contextmanager
    def step(self, name: str, expected_bytes: int | None = None) -> Iterator[Progress]:
        """A bar of its own; with `expected_bytes`, its share of the overall total, it counts there too."""
        bar: Any = None
        at_bytes = 0
        with self._lock:
            place = self._places.pop()

        def progress(done_bytes: int, total_bytes: int | None) -> None:
            nonlocal bar, at_bytes
            if self._stopped.is_set():
                raise Stopped
            if bar is None:
                look = {"position": place, "leave": False, "disable": not self._on_terminal}
                bar, at_bytes = _bar(name, done_bytes, total_bytes, **look), done_bytes
                if expected_bytes is not None and total_bytes is not None:
                    self._overall.total += total_bytes - expected_bytes
            bar.update(done_bytes - at_bytes)
            if expected_bytes is not None:
                with self._lock:
                    self._overall.update(done_bytes - at_bytes)
            at_bytes = done_bytes

        try:
            yield progress
        finally:
            if bar is not None:
                bar.close()
            with self._lock:
                self._places.append(place)


def _bar(name: str, done_bytes: int, total_bytes: int | None, **look: Any) -> Any:
    look |= {"unit": "B", "unit_scale": True, "dynamic_ncols": True}
    return tqdm(desc=name, initial=done_bytes, total=total_bytes, **look)
