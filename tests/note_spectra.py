"""What is measured of a steady note: its partials, and what lies between them."""

import numpy as np
from scipy.signal.windows import blackmanharris

from timbre.features.note_events import NoteEvent
from timbre.features.synthesizer.instrument import Instrument

RATE_HZ = 32_000
N = 1 << 16
BLOCK_S = 0.01
_LOBE_BINS = 6  # of the window


def played(instrument: Instrument, note: int = 57, held_s: float = 3.0, seed: int = 0) -> np.ndarray:
    """One note from the very beginning, and half a second more than it is held."""
    events = [NoteEvent(0.0, held_s, note, 127)]
    return instrument.play(events, int((held_s + 0.5) * RATE_HZ), np.random.default_rng(seed))


def levels(waveform: np.ndarray) -> np.ndarray:
    """Root mean square of each `BLOCK_S`."""
    size = int(BLOCK_S * RATE_HZ)
    return np.sqrt(np.mean(waveform[: len(waveform) // size * size].reshape(-1, size) ** 2, axis=1))


def power(waveform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Power and frequency of the bins of a piece from the middle of a note of three seconds."""
    piece = waveform[RATE_HZ // 4 :][:N].astype(np.float64)
    return np.abs(np.fft.rfft(piece * blackmanharris(len(piece)))) ** 2, np.fft.rfftfreq(N, 1 / RATE_HZ)


def level_db(waveform: np.ndarray, at_hz: float) -> float:
    """Of the partial at this frequency, against any constant."""
    bins, frequencies_hz = power(waveform)
    near = np.abs(frequencies_hz - at_hz) < _LOBE_BINS * RATE_HZ / N
    return float(10 * np.log10(bins[near].sum() + 1e-20))


def piece_db(piece: np.ndarray, at_hz: float) -> float:
    """Of the partial at this frequency in a short piece, against any constant."""
    turns = np.exp(-2j * np.pi * at_hz / RATE_HZ * np.arange(len(piece)))
    return float(20 * np.log10(np.abs(np.sum(piece * np.hanning(len(piece)) * turns)) + 1e-10))


def between_db(waveform: np.ndarray, hz: float) -> float:
    """All that is no multiple of `hz`, against all that is."""
    bins, frequencies_hz = power(waveform)
    away_hz = np.abs(frequencies_hz - hz * np.round(frequencies_hz / hz))
    is_between = away_hz > _LOBE_BINS * RATE_HZ / N
    return float(10 * np.log10(bins[is_between].sum() / bins[~is_between].sum()))
