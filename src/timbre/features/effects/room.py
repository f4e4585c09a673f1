"""A room: exponentially decaying noise after a short gap, the usual model of a late field."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from timbre.audio.front_end import FRONT_END
from timbre.features.effects.effect import Effect, Waveform

_RATE_HZ = FRONT_END.sample_rate_hz


@dataclass(frozen=True)
class Room(Effect):
    """Reverberation added to the direct sound, which stays as it is.

    Attributes
    ----------
    decay_s
        Time in which the reverberation falls by 60 dB.
    wet_db
        Energy of the reverberation against that of the direct sound.
    gap_s
        From the direct sound to the first reflection.
    dullness
        Samples of a running mean over the reverberation: air and walls swallow the high end.
    """

    echoes = True

    decay_s: float
    wet_db: float
    gap_s: float
    dullness: int
    seed: int

    def __call__(self, waveform: Waveform) -> Waveform:
        tail = self.tail()
        n = next_fast_len(len(waveform) + len(tail), real=True)
        wet = irfft(rfft(waveform, n) * rfft(tail, n), n)[: len(waveform)]
        return np.asarray(waveform + wet, dtype=np.float32)

    def tail(self) -> NDArray[np.float32]:
        """Impulse response without the direct sound, until it has fallen by 60 dB."""
        n = int(self.decay_s * _RATE_HZ)
        falling = np.exp(np.arange(n, dtype=np.float32) * np.float32(-3.0 * np.log(10.0) / n))
        noise = np.random.default_rng(self.seed).standard_normal(n, dtype=np.float32) * falling
        tail = np.convolve(noise, np.ones(self.dullness, np.float32), "same")
        tail[: max(1, int(self.gap_s * _RATE_HZ))] = 0.0
        return np.asarray(tail * (10 ** (self.wet_db / 20) / np.sqrt(np.sum(tail**2))), dtype=np.float32)
