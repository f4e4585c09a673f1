"""Noise under a mix: coloured noise, and any sound brought to a given ratio of signal to noise."""

import numpy as np
from scipy.fft import irfft

from timbre.features.effects.effect import Waveform

_DB_AN_OCTAVE = 20.0 * np.log10(2.0)  # of an amplitude that falls as one over the frequency


def coloured_noise(n_samples: int, slope_db: float, seed: int) -> Waveform:
    """Noise whose density falls by `slope_db` an octave (0: white, 3: pink, 6: brown), rms 1."""
    rng = np.random.default_rng(seed)
    spectrum = rng.standard_normal((n_samples // 2 + 1, 2), dtype=np.float32).view(np.complex64)[:, 0]
    bins = np.maximum(1.0, np.arange(len(spectrum), dtype=np.float32))
    spectrum[0] = 0.0  # a steady offset is no sound
    noise = irfft(spectrum * bins ** np.float32(-slope_db / _DB_AN_OCTAVE), n_samples)
    return np.asarray(noise / rms(noise), dtype=np.float32)


def at_snr(noise: Waveform, signal: Waveform, snr_db: float) -> Waveform:
    """`noise` so loud that the rms of `signal` lies `snr_db` above it; silence stays what it is."""
    level = rms(noise)
    return noise * np.float32(rms(signal) * 10 ** (-snr_db / 20) / level) if level > 0 else noise


def rms(waveform: Waveform) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))
