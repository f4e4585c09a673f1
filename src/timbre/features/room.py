"""Light variation of a whole mix: a room, a slow curve over the spectrum, a level, a noise bed."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from timbre.audio.front_end import FRONT_END

Waveform = NDArray[np.float32]
_RATE_HZ = FRONT_END.sample_rate_hz
DECAY_S = (0.1, 0.9)  # time in which the reverberation falls by 60 dB
WET_DB = (-24.0, -6.0)  # reverberation against direct sound
MIX_RMS_DB = (-42.0, -12.0)


def reverberated(waveform: Waveform, rng: np.random.Generator) -> Waveform:
    """In a room: exponentially decaying noise after a short gap, the usual model of a late field."""
    decay_s = rng.uniform(*DECAY_S)
    n = int(decay_s * _RATE_HZ)
    tail = rng.standard_normal(n) * 10 ** (-3.0 * np.arange(n) / n)
    # Air and walls swallow the high end: a running mean over a few samples.
    tail = np.convolve(tail, np.ones(int(rng.integers(1, 6))), "same")
    tail[: int(rng.uniform(0.002, 0.02) * _RATE_HZ)] = 0.0
    tail *= 10 ** (rng.uniform(*WET_DB) / 20) / np.sqrt(np.sum(tail**2))
    return waveform + oaconvolve(waveform, tail.astype(np.float32))[: len(waveform)].astype(np.float32)


def coloured_noise(n_samples: int, rng: np.random.Generator) -> Waveform:
    """Noise whose density falls by 0 to 9 dB an octave, rms 1."""
    spectrum = np.fft.rfft(rng.standard_normal(n_samples))
    bins = np.maximum(1.0, np.arange(len(spectrum)))
    noise = np.fft.irfft(spectrum * bins ** -rng.uniform(0.0, 1.5), n_samples)
    return np.asarray(noise / noise.std(), dtype=np.float32)


def at_level(waveform: Waveform, rng: np.random.Generator) -> Waveform:
    """At a random loudness between a quiet passage and a mastered song, limited softly to [-1, 1]."""
    rms = float(np.sqrt(np.mean(waveform**2)))
    if rms == 0.0:
        return waveform
    return np.tanh(waveform * (10 ** (rng.uniform(*MIX_RMS_DB) / 20) / rms)).astype(np.float32)
