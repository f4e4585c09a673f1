"""How the energy of a clip is spread over the bands of a mixing engineer."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

# Edges of sub-bass, bass, low midrange, midrange, upper midrange, presence and brilliance.
BAND_EDGES_HZ = (20.0, 60.0, 250.0, 500.0, 2_000.0, 4_000.0, 6_000.0, 16_000.0)
BAND_NAMES = ("sub_bass", "bass", "low_midrange", "midrange", "upper_midrange", "presence", "brilliance")
_FLOOR = 1e-14  # per Hz, far below the noise of 16 bits
PROFILE_RANGE_DB = 40.0  # what is further below the strongest band counts as nothing


def band_density_db(waveform: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float32]:
    """Mean energy density of each band.

    Density and not energy, so that a wide band does not win by being wide. The power of the whole
    clip is that of its Fourier transform (Parseval).

    Returns
    -------
    density_db
        `(n_bands,)`, dB per Hz; a full-scale sine in a band of width w gives -3 - 10 log10(w).
    """
    n = len(waveform)
    spectrum = np.fft.rfft(waveform)
    power = 2.0 * np.abs(spectrum) ** 2 / n**2
    bins_hz = np.fft.rfftfreq(n, 1.0 / sample_rate_hz)
    edges = np.searchsorted(bins_hz, BAND_EDGES_HZ)
    totals = np.array([power[low:high].sum() for low, high in pairwise(edges)])
    return (10.0 * np.log10(np.maximum(totals / np.diff(BAND_EDGES_HZ), _FLOOR))).astype(np.float32)


def overlap(profile_db: NDArray[np.float32], other_db: NDArray[np.float32]) -> float:
    """How much two profiles share, 0 (nothing) to 1 (the same shape), whatever their levels."""
    first, second = _shape(profile_db), _shape(other_db)
    return float(np.minimum(first, second).sum() / max(np.maximum(first, second).sum(), 1e-9))


def _shape(profile_db: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(0.0, 1.0 + (profile_db - profile_db.max()) / PROFILE_RANGE_DB)
