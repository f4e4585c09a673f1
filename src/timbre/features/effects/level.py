"""The loudness of a whole recording."""

import numpy as np

from timbre.features.effects.effect import Waveform
from timbre.features.effects.noise import rms


def at_level(waveform: Waveform, rms_db: float) -> Waveform:
    """At `rms_db` against full scale, limited softly to [-1, 1]; silence stays silent."""
    level = rms(waveform)
    if level == 0.0:
        return waveform
    return np.tanh(waveform * np.float32(10 ** (rms_db / 20) / level))
