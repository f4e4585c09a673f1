"""Whether a source can be heard in a mix: a label is kept only if it can."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from timbre.audio.front_end import FRONT_END

_N_FFT = 1_024  # samples: 32 ms, without overlap
_N_CELL_BANDS = 32
_LOWEST_HZ = 40.0
MASKED_DB = 3.0  # a source this far below all others together still colours a cell
RANGE_DB = 50.0  # cells further below the loudest one of the mix do not count
FLOOR_DB = -75.0  # nor those so quiet, against full scale
AUDIBLE_SHARE = 0.05  # of the cells that sound
INAUDIBLE_SHARE = 0.012  # between the two nobody could say: the label is left unknown


@cache
def _edges_hz() -> NDArray[np.float64]:
    return np.geomspace(_LOWEST_HZ, FRONT_END.f_max_hz, _N_CELL_BANDS + 1)


def band_centres_hz() -> NDArray[np.float64]:
    """Middle of each logarithmic band, `(n_bands,)`."""
    return np.sqrt(_edges_hz()[:-1] * _edges_hz()[1:])


@cache
def _grouping() -> NDArray[np.float32]:
    """`(n_bands, n_bins)`: which bins of the spectrum each logarithmic band sums."""
    bins_hz = np.fft.rfftfreq(_N_FFT, 1.0 / FRONT_END.sample_rate_hz)
    band = np.searchsorted(_edges_hz(), bins_hz) - 1
    return np.asarray(band[None, :] == np.arange(_N_CELL_BANDS)[:, None], dtype=np.float32)


@cache
def _window() -> NDArray[np.float32]:
    return np.hanning(_N_FFT).astype(np.float32)


def cell_powers(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power in cells of 32 ms by a third of an octave, `(n_bands, n_frames)`; full-scale sine: 0.5."""
    frames = waveform[: len(waveform) // _N_FFT * _N_FFT].reshape(-1, _N_FFT)
    spectrum = rfft(frames * _window(), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) * np.float32(16.0 / 3.0 / _N_FFT**2)
    return _grouping() @ power.T


def audible_shares(
    sources: list[NDArray[np.float32]], others: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """For each source the share of the mix's sounding cells in which it is not masked.

    Parameters
    ----------
    sources
        `cell_powers` of each source, all of one shape.
    others
        The same of what else is in the mix, noise for example.
    """
    stack = np.stack(sources) if others is None else np.stack([*sources, others])
    mix = stack.sum(axis=0)
    floor = max(float(mix.max()) * 10 ** (-RANGE_DB / 10), 10 ** (FLOOR_DB / 10))
    sounding = mix > floor
    n_cells = max(1, int(sounding.sum()))
    unmasked = (stack >= (mix - stack) * 10 ** (-MASKED_DB / 10)) & sounding & (stack > floor)
    return np.asarray(unmasked.sum(axis=(1, 2))[: len(sources)] / n_cells, dtype=np.float32)
