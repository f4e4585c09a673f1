"""A slow curve over the spectrum: microphones, places and tastes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbre.features.bands import BAND_EDGES_HZ
from timbre.features.effects.effect import Filter

BAND_CENTRES_HZ = np.sqrt(np.array(BAND_EDGES_HZ[:-1]) * np.array(BAND_EDGES_HZ[1:]))


@dataclass(frozen=True)
class Equalizer(Filter):
    """`gains_db` at the middles of the seven mixing bands, in dB straight lines over octaves between."""

    gains_db: tuple[float, ...]

    def gain_db(self, frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        places = np.log(np.maximum(frequencies_hz, BAND_EDGES_HZ[0]))
        return np.interp(places, np.log(BAND_CENTRES_HZ), self.gains_db)
