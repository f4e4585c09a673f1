"""A microphone's samples as a WAV file on its way to disk, for those who asked to keep it."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SAMPLE_BYTES = 2
_FULL_SCALE = (1 << 15) - 1


class Recording:
    """Mono, 16 bits. Its header tells the true length after every piece: a killed server closes nothing."""

    def __init__(self, path: Path, sample_rate_hz: int):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._wav = wave.open(str(path), "wb")  # noqa: SIM115  # closed when the microphone is off
        self._wav.setnchannels(1)
        self._wav.setsampwidth(SAMPLE_BYTES)
        self._wav.setframerate(sample_rate_hz)

    def write(self, samples: NDArray[np.float32]) -> None:
        """Append samples in [-1, 1]; what is louder is clipped.

        Raises
        ------
        OSError
            As writing does, disk full above all.
        """
        rounded = np.round(np.clip(samples, -1.0, 1.0) * _FULL_SCALE)
        self._wav.writeframes(rounded.astype("<i2").tobytes())

    def close(self) -> None:
        """No more samples. Safe to call twice."""
        self._wav.close()
