"""A delay that swings: a player's vibrato, a chorus, a loudspeaker that turns."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

from timbre.audio.front_end import FRONT_END
from timbre.features.effects.effect import Effect, Waveform
from timbre.features.effects.oversampling import FACTOR, oversampled

_RATE_HZ = FRONT_END.sample_rate_hz
_MARGIN = 1_024  # samples: beyond them the seam of the oversampled sound is not heard


@dataclass(frozen=True)
class Modulation(Effect):
    """The sound, or a copy of it beside it, through a delay and a level that swing as sines.

    Attributes
    ----------
    rate_hz
        Swings a second.
    phase
        Where they begin, in turns.
    delay_s, swing_s
        The delay goes from `delay_s` to `delay_s + 2 * swing_s` and back.
    wet
        Share of the delayed copy in the amplitude: 1 leaves it alone (vibrato), a half is a chorus.
    tremolo_db
        How far the level falls in every swing.
    """

    rate_hz: float
    phase: float
    delay_s: float
    swing_s: float
    wet: float
    tremolo_db: float

    def __call__(self, waveform: Waveform) -> Waveform:
        samples = np.arange(len(waveform))
        turn = np.sin(2 * np.pi * (self.rate_hz * samples / _RATE_HZ + self.phase))
        delays = (self.delay_s + self.swing_s * (1.0 + turn)) * _RATE_HZ
        gains = 10 ** (self.tremolo_db * (turn - 1.0) / 40)
        heard = (1.0 - self.wet) * waveform + self.wet * _delayed(waveform, delays)
        return np.asarray(heard * gains, dtype=np.float32)


def _delayed(waveform: Waveform, delays: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each sample as it was so many samples before."""
    # Straight lines, but between samples so near that they are 45 dB and more under a sine of 10 kHz.
    # Nobody knows what sounded before the first sample: the sound mirrored leaves no gap and no step there.
    before = math.ceil(delays.max()) + _MARGIN
    n = next_fast_len(before + len(waveform) + _MARGIN, real=True)
    padded = np.pad(waveform, (before, n - before - len(waveform)), mode="reflect")
    dense = oversampled(padded)
    places = (np.arange(before, before + len(waveform)) - delays) * FACTOR
    return np.interp(places, np.arange(len(dense)), dense)


def swing_s(cents: float, rate_hz: float) -> float:
    """How far a delay must swing so that the pitch goes so many cents up and down."""
    return float((2.0 ** (cents / 1_200) - 1.0) / (2 * np.pi * rate_hz))
