"""More samples of the same sound: what lies between two of them, and room for what an effect adds above."""

import numpy as np
from scipy.fft import irfft, rfft

from timbre.features.effects.effect import Waveform

FACTOR = 8  # what is bent at 36 dB of drive folds back 42 dB under a sine of 3 kHz, 33 under one of 5


def oversampled(waveform: Waveform) -> Waveform:
    """`FACTOR` samples for each, the first of them as it was; the end is taken to meet the beginning."""
    n = len(waveform) * FACTOR
    return np.asarray(irfft(rfft(waveform), n) * np.float32(FACTOR), dtype=np.float32)
