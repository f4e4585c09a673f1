"""The thread that deletes what is over, as long as the server runs."""

import logging
import threading
import time

from timbre.app.songs import Songs

LOG = logging.getLogger(__name__)
SWEEP_S = 60.0  # at most
_SHARE = 0.1  # of the shortest time that a song may have
_LATE_S = 5 * SWEEP_S


class Sweeper:
    """Sweeps from time to time, once it was started.

    Parameters
    ----------
    shortest_s
        The shortest time after which a song is to be deleted: it is swept for more often than that.
    """

    def __init__(self, songs: Songs, shortest_s: float):
        self._songs = songs
        self._every_s = min(SWEEP_S, max(1.0, _SHARE * shortest_s))
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._swept_s = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether it runs and has come round lately."""
        runs = self._thread is not None and self._thread.is_alive()
        return runs and time.monotonic() - self._swept_s < _LATE_S

    def start(self) -> None:
        """Sweep now, and then from time to time."""
        self._stopped.clear()
        self._songs.sweep()
        self._swept_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Sweep no more."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._every_s):
            try:
                self._songs.sweep()
                self._songs.mend()
            except Exception:  # the next sweep may do better
                LOG.exception("sweep failed")
            self._swept_s = time.monotonic()
