"""What the model says of one second."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbre.audio.log_mel import LogMel

Probabilities = NDArray[np.float32]


@dataclass(frozen=True)
class TaggedSegment:
    """What the model says of one second.

    Attributes
    ----------
    probabilities
        `(n_labels,)` calibrated, in [0, 1], in the order of `Tagger.labels`.
    log_mel, peaks
        As in `timbre.audio.segments.Segment`.
    """

    index: int
    start_s: float
    end_s: float
    probabilities: Probabilities
    log_mel: LogMel
    peaks: NDArray[np.float32]
