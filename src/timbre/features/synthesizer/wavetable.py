"""Periodic waves without aliasing: a period in a table, of the harmonics that fit under half the rate."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft

from timbre.audio.front_end import FRONT_END

Wave = NDArray[np.float32]

RATE_HZ = FRONT_END.sample_rate_hz
SIZE = 4_096  # samples of a period: straight lines between them are 75 dB and more under the wave
HIGHEST_HZ = 15_300.0  # of a harmonic: vibrato and detuning by 70 cents leave it under half the rate
WAVES = ("saw", "square", "triangle", "sine")
LOWEST_CUTOFF_HZ, CUTOFFS_AN_OCTAVE, N_CUTOFFS = 40.0, 4, 36  # up to 17 kHz


def n_harmonics(hz: float) -> int:
    """How many of a note's harmonics can be heard at this rate; at least one."""
    return max(1, min(SIZE // 4, int(HIGHEST_HZ / hz)))


def harmonics_of(wave: str, n: int) -> NDArray[np.float64]:
    """Amplitudes of the first `n` harmonics of one of `WAVES`, as of sines that begin together."""
    number = np.arange(1, n + 1)
    is_odd = number % 2 == 1
    match wave:
        case "saw":
            return 1.0 / number
        case "square":
            return np.where(is_odd, 1.0 / number, 0.0)
        case "triangle":
            return np.where(is_odd, np.cos(np.pi * (number - 1) / 2) / number**2, 0.0)
        case _:
            return np.where(number == 1, 1.0, 0.0)


def table_of(amplitudes: NDArray[np.float64]) -> Wave:
    """A period of a sum of sines, `(..., n_harmonics)` to `(..., SIZE + 1)`: at the end it begins again."""
    spectrum = np.zeros((*amplitudes.shape[:-1], SIZE // 2 + 1), dtype=np.complex128)
    spectrum[..., 1 : amplitudes.shape[-1] + 1] = -0.5j * SIZE * amplitudes
    period = irfft(spectrum, SIZE)
    return np.concatenate([period, period[..., :1]], axis=-1).astype(np.float32)


def read(table: Wave, turns: NDArray[np.float64]) -> Wave:
    """The wave of a table `(SIZE + 1,)` where its phase is `turns`."""
    place, rest = _places(turns)
    here = table[place]
    return here + rest * (table[place + 1] - here)


def read_filtered(tables: Wave, turns: NDArray[np.float64], rows: Wave) -> Wave:
    """The wave of `filtered_tables`, `rows` (as `cutoff_row` gives them) saying how open the filter is."""
    place, rest = _places(turns)
    row = rows.astype(np.int32)
    opened = rows - row
    place += row * (SIZE + 1)
    flat = tables.ravel()
    low, high = flat[place], flat[place + SIZE + 1]
    low += rest * (flat[place + 1] - low)
    high += rest * (flat[place + SIZE + 2] - high)
    return low + opened * (high - low)


def _places(turns: NDArray[np.float64]) -> tuple[NDArray[np.int32], Wave]:
    """Index into a table and how far it is on the way to the next one."""
    exact = (turns - np.floor(turns)) * SIZE
    place = exact.astype(np.int32)
    return place, (exact - place).astype(np.float32)


@lru_cache(maxsize=64)  # a tune comes back to its notes
def filtered_tables(wave: str, hz: float, poles: int, resonance: float) -> Wave:
    """A note's wave behind a low-pass at each cutoff: `(N_CUTOFFS, SIZE + 1)`."""
    n = n_harmonics(hz)
    cutoffs_hz = LOWEST_CUTOFF_HZ * 2.0 ** (np.arange(N_CUTOFFS) / CUTOFFS_AN_OCTAVE)
    gains = low_pass_gain(hz * np.arange(1, n + 1) / cutoffs_hz[:, None], poles, resonance)
    return table_of(harmonics_of(wave, n) * gains)


def low_pass_gain(relative: NDArray[np.float64], poles: int, resonance: float) -> NDArray[np.float64]:
    """Of two or four poles, at frequencies relative to the cutoff, where the first two give `resonance`."""
    gain = 1.0 / np.sqrt((1.0 - relative**2) ** 2 + (relative / resonance) ** 2)
    return np.asarray(gain if poles == 2 else gain / (1.0 + relative**2))


def cutoff_row(cutoff_hz: NDArray[np.float64]) -> Wave:
    """Where a cutoff lies between the rows of `filtered_tables`."""
    octaves = np.log2(np.maximum(cutoff_hz, LOWEST_CUTOFF_HZ) / LOWEST_CUTOFF_HZ)
    return np.minimum(octaves * CUTOFFS_AN_OCTAVE, N_CUTOFFS - 1.001).astype(np.float32)
