"""Scales, and how far a note is from one."""

import numpy as np
from numpy.typing import NDArray

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)  # semitones above the tonic
SCALES = (MAJOR, MINOR)


def to_scale(notes: NDArray[np.float64], tonic: int, scale: tuple[int, ...]) -> NDArray[np.float64]:
    """Semitones that bring each note to the nearest one of a scale, within [-1, 1].

    Parameters
    ----------
    notes
        MIDI note numbers with their fractions: what is out of tune comes into tune (A = 440 Hz).
    tonic
        0 (C) to 11 (B).
    """
    tones = np.array([tonic + step + 12 * octave for octave in (-1, 0, 1) for step in scale])
    away = tones[None, :] - (notes % 12.0)[:, None]
    return np.asarray(away[np.arange(len(notes)), np.abs(away).argmin(axis=1)])
