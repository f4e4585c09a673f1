"""A window as a row of numbers for models that know nothing of time: statistics of its log-mel."""

import numpy as np
from numpy.typing import NDArray

PERCENTILES = (10.0, 90.0)


def log_mel_statistics(log_mel: NDArray[np.float16]) -> NDArray[np.float32]:
    """`(n, 5 * n_mels)` of `(n, n_mels, n_frames)`, band by band over time, in dB.

    Mean, standard deviation, `PERCENTILES`, and the mean step from frame to frame.
    """
    rows = [_statistics(window.astype(np.float32)) for window in log_mel]
    return np.stack(rows)


def _statistics(window: NDArray[np.float32]) -> NDArray[np.float32]:
    steps = np.abs(np.diff(window, axis=1)).mean(axis=1)
    parts = [window.mean(axis=1), window.std(axis=1), *np.percentile(window, PERCENTILES, axis=1), steps]
    return np.concatenate(parts).astype(np.float32)
