"""An amplifier: its valves bend the wave, its loudspeaker swallows both ends of the spectrum."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from timbre.audio.front_end import FRONT_END
from timbre.features.effects.effect import Effect, Waveform
from timbre.features.effects.oversampling import FACTOR, oversampled

_TAIL = 4_096  # samples for the loudspeaker to ring out
_PRESENCE_OCTAVES = 0.7


@dataclass(frozen=True)
class Amplifier(Effect):
    """A hyperbolic tangent between two filters, louder parts bent more than quiet ones.

    Attributes
    ----------
    drive_db
        Gain of the loudest sample, against full scale, before it is bent: near 0 a warm sound, 40 a fuzz.
    bias
        Where on its curve the valve rests: off the middle it adds even harmonics.
    low_hz, high_hz
        The loudspeaker is 3 dB down there, and falls by 12 and 24 dB an octave.
    presence_hz, presence_db
        Where the loudspeaker is loudest, and by how much.
    """

    drive_db: float
    bias: float
    low_hz: float
    high_hz: float
    presence_hz: float
    presence_db: float

    def __call__(self, waveform: Waveform) -> Waveform:
        peak = float(np.abs(waveform).max(initial=0.0))
        if peak == 0.0:
            return waveform
        n = next_fast_len(len(waveform) + _TAIL, real=True)
        dense = oversampled(np.pad(waveform, (0, n - len(waveform))))
        bent = self.bent(dense * np.float32(10 ** (self.drive_db / 20) / peak))
        spectrum = rfft(bent)[: n // 2 + 1] / FACTOR
        frequencies_hz = np.linspace(0.0, FRONT_END.sample_rate_hz / 2, n // 2 + 1)
        heard = irfft(spectrum * 10 ** (self.loudspeaker_db(frequencies_hz) / 20), n)[: len(waveform)]
        return np.asarray(heard * peak, dtype=np.float32)

    def bent(self, wave: Waveform) -> Waveform:
        """The valve: what goes in small comes out as it was, what goes in large is held."""
        rest = math.tanh(self.bias)
        return np.asarray((np.tanh(wave + self.bias) - rest) / (1.0 - rest**2), dtype=np.float32)

    def loudspeaker_db(self, frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the loudspeaker lets through."""
        audible_hz = np.maximum(frequencies_hz, 1.0)
        low_db = -10.0 * np.log10(1.0 + (self.low_hz / audible_hz) ** 4)
        high_db = -10.0 * np.log10(1.0 + (audible_hz / self.high_hz) ** 8)
        octaves = np.log2(audible_hz / self.presence_hz) / _PRESENCE_OCTAVES
        return np.asarray(low_db + high_db + self.presence_db * np.exp(-(octaves**2)))
