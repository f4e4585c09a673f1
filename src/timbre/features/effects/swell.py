"""A level that rises and falls slowly, as players do who hold a tone by bow, breath or bellows."""

from dataclasses import dataclass

import numpy as np

from timbre.features.effects.effect import Effect, Waveform


@dataclass(frozen=True)
class Swell(Effect):
    """Straight lines in dB from one level to the next.

    Attributes
    ----------
    levels_db
        At equal distances from the first sample to the last.
    """

    levels_db: tuple[float, ...]

    def __call__(self, waveform: Waveform) -> Waveform:
        places = np.linspace(0.0, len(waveform) - 1.0, len(self.levels_db))
        levels_db = np.interp(np.arange(len(waveform)), places, self.levels_db)
        return np.asarray(waveform * 10 ** (levels_db / 20), dtype=np.float32)
