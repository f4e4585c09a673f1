"""A loudspeaker that turns: what an organ of tonewheels is heard through."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.fft import irfft, rfft

from timbre.audio.front_end import FRONT_END
from timbre.features.effects.effect import Effect, Waveform
from timbre.features.effects.modulation import Modulation

CROSSOVER_HZ = 800.0
_HORN_SWING_S, _DRUM_SWING_S = 0.00045, 0.0001  # a horn of 15 cm radius, and a drum that only beams
_DELAY_S = 0.001  # from the loudspeaker, where it is nearest, to the listener
_HORN_WET = 0.8  # the rest comes off the cabinet and does not turn

_SLOW_HZ, _FAST_HZ, _SLOW_SHARE = (0.6, 1.0), (5.8, 7.4), 0.5  # players switch between two speeds
_DRUM_TO_HORN, _TREMOLO_DB = (0.8, 0.95), (2.0, 9.0)


@dataclass(frozen=True)
class Rotary(Effect):
    """A horn for what is high and a drum for what is low, each turning at its own rate.

    Attributes
    ----------
    horn_hz, drum_hz
        Turns a second.
    tremolo_db
        How much quieter the horn is when it looks away.
    phase
        Where the horn begins, in turns.
    """

    horn_hz: float
    drum_hz: float
    tremolo_db: float
    phase: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """Turning slowly or fast."""
        horn_hz = rng.uniform(*(_SLOW_HZ if rng.random() < _SLOW_SHARE else _FAST_HZ))
        return cls(
            horn_hz=horn_hz,
            drum_hz=horn_hz * rng.uniform(*_DRUM_TO_HORN),
            tremolo_db=rng.uniform(*_TREMOLO_DB),
            phase=rng.random(),
        )

    def __call__(self, waveform: Waveform) -> Waveform:
        low, high = _split(waveform)
        horn = Modulation(
            rate_hz=self.horn_hz,
            phase=self.phase,
            delay_s=_DELAY_S,
            swing_s=_HORN_SWING_S,
            wet=_HORN_WET,
            tremolo_db=self.tremolo_db,
        )
        drum = Modulation(
            rate_hz=self.drum_hz,
            phase=0.0,
            delay_s=_DELAY_S,
            swing_s=_DRUM_SWING_S,
            wet=1.0,
            tremolo_db=self.tremolo_db / 2,
        )
        return horn(high) + drum(low)


def _split(waveform: Waveform) -> tuple[Waveform, Waveform]:
    """What is below and above the crossover, 12 dB an octave; both together are the waveform."""
    spectrum = rfft(waveform)
    octaves = np.linspace(0.0, FRONT_END.sample_rate_hz / 2 / CROSSOVER_HZ, len(spectrum))
    low = irfft(spectrum / (1.0 + octaves**2), len(waveform)).astype(np.float32)
    return low, waveform - low
