"""A tagged song as a whole: its probabilities at any level, and the intervals in which each
instrument sounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from timbre.taxonomy import level_labels, level_of, to_level


@dataclass(frozen=True)
class Interval:
    """A stretch in which `label` is at or above its threshold; `confidence` is its mean there."""

    label: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True)
class TaggedSong:
    """All that is known of one song.

    Attributes
    ----------
    labels
        Names of the columns, at `level`.
    duration_s
        None where the end is not known yet.
    thresholds
        `(n_labels,)`.
    bounds_s
        `(n_segments, 2)`, start and end of each.
    probabilities
        `(n_segments, n_labels)`.
    """

    name: str
    model: str
    duration_s: float | None
    labels: tuple[str, ...]
    thresholds: NDArray[np.float32]
    bounds_s: NDArray[np.float64]
    probabilities: NDArray[np.float32]
    level: str = "leaf"

    def at_level(self, level: str) -> "TaggedSong":
        """The same song in a coarser vocabulary: maxima over leaves, and their lowest threshold."""
        names, probabilities = to_level(self.probabilities, self.labels, level)
        return replace(
            self,
            labels=tuple(names),
            thresholds=level_thresholds(self.thresholds, self.labels, level),
            probabilities=probabilities,
            level=level,
        )

    def with_threshold(self, threshold: float) -> "TaggedSong":
        """The same song with one threshold for every label."""
        return replace(self, thresholds=np.full(len(self.labels), threshold, dtype=np.float32))

    def with_own_thresholds(self, chosen: Mapping[str, float]) -> "TaggedSong":
        """The same song with other thresholds for some labels, by their names."""
        pairs = zip(self.labels, self.thresholds, strict=True)
        return replace(self, thresholds=np.array([chosen.get(label, t) for label, t in pairs], np.float32))

    def intervals(self) -> list[Interval]:
        """Where each label sounds, by start and then by label."""
        found = [interval for column in range(len(self.labels)) for interval in self._intervals_of(column)]
        return sorted(found, key=lambda interval: (interval.start_s, interval.label))

    def _intervals_of(self, column: int) -> list[Interval]:
        row = self.probabilities[:, column]
        edges = np.flatnonzero(np.diff(np.r_[False, row >= self.thresholds[column], False]))
        return [
            Interval(
                self.labels[column],
                float(self.bounds_s[first, 0]),
                float(self.bounds_s[after - 1, 1]),
                float(row[first:after].mean()),
            )
            for first, after in edges.reshape(-1, 2)
        ]


def level_thresholds(
    thresholds: NDArray[np.float32], leaves: Sequence[str], level: str
) -> NDArray[np.float32]:
    """A coarser label is heard as soon as one of its leaves is: the lowest of their thresholds."""
    if level == "leaf":
        return thresholds
    names = level_labels(leaves, level)
    lowest = [
        min(t for t, leaf in zip(thresholds, leaves, strict=True) if level_of(leaf, level) == name)
        for name in names
    ]
    return np.array(lowest, dtype=np.float32)
