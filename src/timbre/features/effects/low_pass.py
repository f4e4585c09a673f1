"""The upper end cut off: old recordings, telephones, codecs at low rates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbre.features.effects.effect import Filter

ORDER = 6  # 36 dB an octave


@dataclass(frozen=True)
class LowPass(Filter):
    """Butterworth's curve: 3 dB down at `cutoff_hz`, level below it."""

    cutoff_hz: float

    def gain_db(self, frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return -10.0 * np.log10(1.0 + (frequencies_hz / self.cutoff_hz) ** (2 * ORDER))
