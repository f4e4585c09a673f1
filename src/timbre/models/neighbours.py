"""Each second's probabilities with a share of the seconds beside it, so that they do not flicker.

The network answers for every second by itself. What plays in one second mostly plays in the next too, and
its two answers err by themselves: their mean is steadier and more often right (docs/evaluation.md).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from timbre.models.tagged_segment import Probabilities, TaggedSegment

NEIGHBOUR_SHARE = 0.25  # that new models are given


class Neighbours:
    """Takes a song's segments in order and gives each back when the next one is known.

    Parameters
    ----------
    share
        Of the answer what either neighbour gives, from 0 (nothing; no segment waits) to 1/3 (as much
        as the second itself). The first and the last second stand in for the neighbour that they lack.
    """

    def __init__(self, share: float):
        self._share = share
        self._before: Probabilities | None = None
        self._waiting: TaggedSegment | None = None

    def push(self, segments: Iterable[TaggedSegment]) -> Iterator[TaggedSegment]:
        """Those that are complete now."""
        if not self._share:
            yield from segments
            return
        for segment in segments:
            if self._waiting is not None:
                yield self._meaned(self._waiting, segment.probabilities)
            self._waiting = segment

    def finish(self) -> Iterator[TaggedSegment]:
        """The last one."""
        if self._waiting is not None:
            yield self._meaned(self._waiting, self._waiting.probabilities)
            self._waiting = None

    def _meaned(self, segment: TaggedSegment, after: Probabilities) -> TaggedSegment:
        own = segment.probabilities
        before = own if self._before is None else self._before
        self._before = own
        return replace(segment, probabilities=own + self._share * (before + after - 2 * own))
