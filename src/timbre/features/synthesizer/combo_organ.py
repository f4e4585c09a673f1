"""A transistor organ: square waves divided down by octaves, behind fixed filters, as beat bands played it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from timbre.features.effects.modulation import Modulation, swing_s
from timbre.features.synthesizer.instrument import Envelope, Held, Instrument, log_uniform, turns_of
from timbre.features.synthesizer.wavetable import (
    Wave,
    harmonics_of,
    low_pass_gain,
    n_harmonics,
    read,
    table_of,
)

OCTAVES = (1, 2, 4, 8)  # harmonics of the 16': 16', 8', 4', 2'
_CONTACT = Envelope(attack_s=0.004, decay_s=1.0, sustain=1.0, release_s=0.03)
_VIBRATO_SHARE = 0.6
_COUPLING_HZ = 150.0  # a high-pass of one pole: small capacitors between the stages


@dataclass(frozen=True, kw_only=True)
class ComboOrgan(Instrument):
    """The same wave in several octaves.

    Attributes
    ----------
    wave
        `square`, `saw` (a staircase of squares) or `triangle`.
    levels
        Amplitude of each of `OCTAVES`.
    cutoff_hz
        Of the filter behind the tabs.
    """

    wave: str
    levels: tuple[float, ...]
    cutoff_hz: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """With tabs of its own."""
        rate_hz = rng.uniform(5.0, 7.5)
        vibrato = Modulation(
            rate_hz=rate_hz,
            phase=rng.random(),
            delay_s=0.0,
            swing_s=swing_s(rng.uniform(5.0, 25.0), rate_hz),
            wet=1.0,
            tremolo_db=0.0,
        )
        levels = rng.uniform(0.2, 1.0, len(OCTAVES)) * (rng.random(len(OCTAVES)) < 0.6)
        levels[1] = max(levels[1], 0.5)  # of the 8'
        return cls(
            release_s=_CONTACT.release_s,
            cents=rng.uniform(-5.0, 5.0),
            effects=(vibrato,) if rng.random() < _VIBRATO_SHARE else (),
            wave=str(rng.choice(["square", "square", "saw", "triangle"])),
            levels=tuple(levels.tolist()),
            cutoff_hz=log_uniform(rng, 900.0, 8_000.0),
        )

    def note(self, held: Held, rng: np.random.Generator) -> Wave:
        lowest_hz = held.hz / OCTAVES[1]
        n = n_harmonics(lowest_hz)
        amplitudes = np.zeros(n)
        for octave, level in zip(OCTAVES, self.levels, strict=True):
            amplitudes[octave - 1 :: octave] += level * harmonics_of(self.wave, n // octave)
        frequencies_hz = lowest_hz * np.arange(1, n + 1, dtype=np.float64)
        gains = low_pass_gain(frequencies_hz / self.cutoff_hz, poles=2, resonance=0.7)
        gains /= np.sqrt(1.0 + (_COUPLING_HZ / frequencies_hz) ** 2)
        return read(table_of(amplitudes * gains), turns_of(lowest_hz, held, rng.random())) * _CONTACT(held)
