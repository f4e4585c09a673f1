"""A loudspeaker that turns: what an organ of tonewheels is heard through."""

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, rfft

from timbre.features.effects.effect import Effect
from timbre.features.effects.modulation import Modulation
from timbre.features.synthesizer.wavetable import RATE_HZ, Wave

CROSSOVER_HZ = 800.0
_HORN_SWING_S, _DRUM_SWING_S = 0.00045, 0.0001  # a horn of 15 cm radius, and a drum that only beams


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

    def __call__(self, waveform: Wave) -> Wave:
        low, high = _split(waveform)
        horn = Modulation(self.horn_hz, self.phase, 0.001, _HORN_SWING_S, 0.8, self.tremolo_db)
        drum = Modulation(self.drum_hz, 0.0, 0.001, _DRUM_SWING_S, 1.0, self.tremolo_db / 2)
        return horn(high) + drum(low)


def _split(waveform: Wave) -> tuple[Wave, Wave]:
    """What is below and above the crossover, 12 dB an octave; both together are the waveform."""
    spectrum = rfft(waveform)
    octaves = np.linspace(0.0, RATE_HZ / 2 / CROSSOVER_HZ, len(spectrum))
    low = irfft(spectrum / (1.0 + octaves**2), len(waveform)).astype(np.float32)
    return low, waveform - low
