"""Turns at the processor: a bounded number of songs works at a time, and who has had least comes next.

Least attained service (Kleinrock, Queueing Systems II, 1976) needs no guess of how long a song is: a short
one is through before a long one has had much more, whatever their headers say. What waits grows older, so
that no endless row of short ones keeps a long one waiting for ever.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from timbre.errors import TimbreError


@dataclass(eq=False)
class _Claim:
    rank_s: float  # the least comes next
    number: int  # of two that rank the same, the one that asked first
    given_s: float = 0.0  # when the turn was given


class Turns:
    """Gives turns to threads.

    Parameters
    ----------
    n_at_once
        Turns that are given at the same time.
    """

    def __init__(self, n_at_once: int):
        self._n_at_once = n_at_once
        self._changed = threading.Condition()
        self._waiting: list[_Claim] = []
        self._given: list[_Claim] = []
        self._n_asked = 0

    @contextmanager
    def turn(self, had_s: float, given_up: Callable[[], bool]) -> Iterator[None]:
        """Wait for a turn and hold it.

        Parameters
        ----------
        had_s
            How much the one who asks has had until now. The least goes first, but none that asks later by
            more than this.
        given_up
            Whether the turn is no longer wanted; see `wake`.

        Raises
        ------
        TimbreError
            `interrupted` when it was given up.
        """
        claim = self._take(had_s, given_up)
        try:
            yield
        finally:
            with self._changed:
                self._given.remove(claim)
                self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait see whether they still want to."""
        with self._changed:
            self._changed.notify_all()

    def longest_s(self) -> float:
        """For how long the oldest of the turns that are held has been held; 0 when none is."""
        with self._changed:
            given_s = [claim.given_s for claim in self._given]
        return time.monotonic() - min(given_s) if given_s else 0.0

    def _take(self, had_s: float, given_up: Callable[[], bool]) -> _Claim:
        with self._changed:
            self._n_asked += 1
            claim = _Claim(had_s + time.monotonic(), self._n_asked)
            self._waiting.append(claim)
            self._changed.wait_for(lambda: given_up() or self._is_next(claim))
            self._waiting.remove(claim)
            self._changed.notify_all()  # another may be next now
            if given_up():
                raise TimbreError("interrupted")
            claim.given_s = time.monotonic()
            self._given.append(claim)
        return claim

    def _is_next(self, claim: _Claim) -> bool:
        first = min(self._waiting, key=lambda one: (one.rank_s, one.number))
        return first is claim and len(self._given) < self._n_at_once
