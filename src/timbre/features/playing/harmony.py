"""Chords of a key, one a bar: what hands, strings and voices play together."""

from dataclasses import dataclass

import numpy as np

from timbre.features.scales import SCALES

TEMPI_BPM = (60.0, 170.0)
# Steps of the scale on which the chords of the bars stand, round and round.
_PROGRESSIONS = (
    (0,), (0, 3), (0, 4), (0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (1, 4, 0, 0), (5, 3, 0, 4), (0, 2, 3, 4),
)  # fmt: skip
_ROUNDING = 1e-6  # of bars: sums of beats come out a hair before the bar that they begin
_THREE_BEATS_SHARE, _SEVENTHS_SHARE = 0.25, 0.3


@dataclass(frozen=True)
class Harmony:
    """The chord at every moment.

    Attributes
    ----------
    scale
        Pitch classes (0 = C ... 11 = B), the tonic first.
    degrees
        Of each bar the step of the scale that its chord stands on.
    n_beats
        Of a bar.
    n_thirds
        One on another in a chord: 2, or 3 with the seventh.
    """

    scale: tuple[int, ...]
    degrees: tuple[int, ...]
    beat_s: float
    n_beats: int = 4
    n_thirds: int = 2

    @classmethod
    def drawn(cls, key: int, rng: np.random.Generator) -> "Harmony":
        """In `key` (0 = C ... 11 = B), major or minor by chance."""
        steps = SCALES[int(rng.integers(len(SCALES)))]
        return cls(
            scale=tuple((key + step) % 12 for step in steps),
            degrees=_PROGRESSIONS[int(rng.integers(len(_PROGRESSIONS)))],
            beat_s=60.0 / rng.uniform(*TEMPI_BPM),
            n_beats=3 if rng.random() < _THREE_BEATS_SHARE else 4,
            n_thirds=3 if rng.random() < _SEVENTHS_SHARE else 2,
        )

    @property
    def bar_s(self) -> float:
        """Seconds of a bar."""
        return self.beat_s * self.n_beats

    def n_bars(self, duration_s: float) -> int:
        """Bars that begin within `duration_s`."""
        return int(np.ceil(duration_s / self.bar_s))

    def bar_at(self, at_s: float) -> int:
        """The bar that a moment is in."""
        return int(at_s / self.bar_s + _ROUNDING)

    def classes(self, bar: int) -> list[int]:
        """Pitch classes of the chord of a bar, the root first."""
        degree = self.degrees[bar % len(self.degrees)]
        return [self.scale[(degree + 2 * third) % len(self.scale)] for third in range(self.n_thirds + 1)]

    def chord(self, bar: int, low: int, high: int) -> list[int]:
        """All notes of the chord from `low` to `high`, ascending."""
        classes = self.classes(bar)
        return [note for note in range(low, high + 1) if note % 12 in classes]

    def root(self, bar: int, low: int) -> int:
        """The lowest root of the chord from `low` on."""
        return low + (self.classes(bar)[0] - low) % 12

    def notes(self, low: int, high: int) -> list[int]:
        """All notes of the scale from `low` to `high`, ascending."""
        return [note for note in range(low, high + 1) if note % 12 in self.scale]
