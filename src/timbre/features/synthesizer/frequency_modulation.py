"""Two-operator frequency modulation: tines, reeds, bells and basses."""

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from timbre.features.synthesizer.instrument import Envelope, Held, Instrument, fading, turns_of
from timbre.features.synthesizer.wavetable import HIGHEST_HZ, RATE_HZ, Wave

_ATTACK_S = 0.002
_MIDDLE_HZ = 262.0  # whose decay is as a pair says
_HALVING_OCTAVES = 2.0  # so much higher, a note fades in half the time
_FOLDED = 0.002  # of the carrier's amplitude, -54 dB: what may fold back
_MOST_ORDERS = 60  # of side bands; the index of any patch is far below what that many allow
_THUMP_S, _THUMP_SAMPLES = 0.02, 24  # how long a hammer is heard, and what dulls it


@dataclass(frozen=True)
class Pair:
    """An operator that is heard and one that bends its phase.

    Attributes
    ----------
    carrier, modulator
        Their frequencies, as multiples of the note's.
    index, index_s, index_left
        By how many radians the phase is bent as a note begins, how fast that fades, what share of it stays.
    level, decay_s
        Amplitude as a note begins, and how fast it fades.
    cents
        What both are out of tune.
    """

    carrier: float
    modulator: float
    index: float
    index_s: float
    index_left: float
    level: float
    decay_s: float
    cents: float = 0.0

    def sound(self, held: Held) -> Wave:
        """As long as the note, without the end of its envelope."""
        hz = held.hz * 2 ** (self.cents / 1_200)
        shorter = (_MIDDLE_HZ / hz) ** (1 / _HALVING_OCTAVES)
        bent = self.index_left + (1.0 - self.index_left) * fading(held, self.index_s * shorter)
        modulator, carrier = (_angle(turns_of(hz * ratio, held)) for ratio in (self.modulator, self.carrier))
        wave = np.sin(carrier + self._index(hz, held.strength) * bent * np.sin(modulator))
        return np.asarray(self.level * wave * fading(held, self.decay_s * shorter))

    def _index(self, hz: float, strength: float) -> float:
        """More for a hard stroke, but no more than leaves the first side band that would fold back `_FOLDED`.

        By the first term of its amplitude's series, the Bessel function of that order.
        """
        order = min(int((HIGHEST_HZ / hz - self.carrier) / self.modulator) + 1, _MOST_ORDERS)
        most = 2.0 * (_FOLDED * factorial(order)) ** (1 / order)
        return min(self.index * (0.3 + strength), most)


def _angle(turns: NDArray[np.float64]) -> Wave:
    """Within the first turn, where single precision tells angles apart."""
    return 2 * np.pi * (turns - np.floor(turns)).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class FrequencyModulation(Instrument):
    """Pairs that sound together.

    Attributes
    ----------
    thump
        Loudness of the hammer.
    sense
        How much softer a key is heard that is struck softly.
    """

    pairs: tuple[Pair, ...]
    thump: float = 0.0
    sense: float = 0.7

    def note(self, held: Held, rng: np.random.Generator) -> Wave:
        sound = np.zeros(held.n, dtype=np.float32)
        for pair in self.pairs:
            if held.hz * pair.carrier < HIGHEST_HZ:
                sound += pair.sound(held)
        if self.thump:
            n = min(held.n, int(_THUMP_S * RATE_HZ))
            dull = np.hanning(_THUMP_SAMPLES) / 4
            sound[:n] += self.thump * np.convolve(rng.standard_normal(n), dull, "same")[:n]
        ends = Envelope(_ATTACK_S, decay_s=1.0, sustain=1.0, release_s=self.release_s)(held)
        return sound * ends * np.float32(1.0 - self.sense + self.sense * held.strength)
