"""How loud a sound is to people: ITU-R BS.1770-4, at the one sample rate of the example song."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Stereo = NDArray[np.float64]  # (n_samples, 2), full scale is 1

SAMPLE_RATE_HZ = 48_000

# BS.1770-4, tables 1 and 2: the head's shelf and the high-pass, at 48 kHz.
_SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585])
_HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
_LOUDNESS_OFFSET_DB = -0.691
_SILENCE = 1e-12  # -120 dB
_ABSOLUTE_GATE_DB, _RELATIVE_GATE_DB = -70.0, -10.0


def segment_loudness(waveform: Stereo) -> NDArray[np.float64]:
    """Loudness of every second in LUFS, without gating; `(n_seconds,)`."""
    return _loudness(waveform, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ)


def integrated_loudness(waveform: Stereo) -> float:
    """Loudness of the whole in LUFS: BS.1770-4, blocks of 400 ms in steps of 100, gated twice."""
    blocks = _loudness(waveform, SAMPLE_RATE_HZ * 4 // 10, SAMPLE_RATE_HZ // 10)
    blocks = blocks[blocks > _ABSOLUTE_GATE_DB]
    blocks = blocks[blocks > _mean_db(blocks) + _RELATIVE_GATE_DB]
    return _mean_db(blocks)


def _loudness(waveform: Stereo, n_block: int, n_step: int) -> NDArray[np.float64]:
    weighted = lfilter(*_HIGH_PASS, lfilter(*_SHELF, waveform, axis=0), axis=0)
    total = np.concatenate([[0.0], np.cumsum((weighted**2).sum(axis=1))])
    starts = np.arange(0, len(waveform) - n_block + 1, n_step)
    power = (total[starts + n_block] - total[starts]) / n_block
    return np.asarray(_LOUDNESS_OFFSET_DB + 10.0 * np.log10(np.maximum(power, _SILENCE)))


def _mean_db(loudness_db: NDArray[np.float64]) -> float:
    return float(10.0 * np.log10(np.mean(10.0 ** (loudness_db / 10.0))))
