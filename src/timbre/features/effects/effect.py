"""What all effects have in common, whether on a source, a whole mix or a synthesizer's phrase."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from timbre.audio.front_end import FRONT_END

Waveform = NDArray[np.float32]

_PLACES = 4_097  # 4 Hz apart
_TAIL = 4_096  # samples: the impulse response of so smooth a curve is long over by then


@dataclass(frozen=True)
class Effect(ABC):
    """An effect with its parameters; the same ones give the same sound.

    Attributes
    ----------
    echoes
        Whether what is heard afterwards may no longer be played.
    """

    echoes: ClassVar[bool] = False

    @abstractmethod
    def __call__(self, waveform: Waveform) -> Waveform:
        """The waveform `(n_samples,)` with the effect, as long as before."""

    def gain_db(self, frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a filter does at each frequency; nothing, if this is not one."""
        return np.zeros(len(frequencies_hz))


class Filter(Effect):
    """An effect that is its `gain_db` and nothing else: the phase is left alone."""

    def __call__(self, waveform: Waveform) -> Waveform:
        n = next_fast_len(len(waveform) + _TAIL, real=True)
        # So smooth a curve needs no more places than this, and its logarithms cost more than the FFT.
        places_hz = np.linspace(0.0, FRONT_END.sample_rate_hz / 2, _PLACES)
        gains = 10 ** (self.gain_db(places_hz) / 20)
        bins = np.interp(np.linspace(0, _PLACES - 1, n // 2 + 1), np.arange(_PLACES), gains)
        return np.asarray(irfft(rfft(waveform, n) * bins.astype(np.float32), n)[: len(waveform)], np.float32)
