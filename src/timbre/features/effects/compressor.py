"""A compressor: what is loud is turned down, as on nearly every recording."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.features.effects.effect import Effect, Waveform

_BLOCK = 64  # samples, 2 ms: how often the level is looked at
_SILENCE_DB = -120.0


@dataclass(frozen=True)
class Compressor(Effect):
    """Above `threshold_db` (of the peak, against full scale) `ratio` dB more come out as one.

    `attack_s` and `release_s` are the times in which the gain goes 63 % of the way to where it should
    be, down and up again.
    """

    threshold_db: float
    ratio: float
    attack_s: float
    release_s: float

    def __call__(self, waveform: Waveform) -> Waveform:
        n_blocks = -(-len(waveform) // _BLOCK)
        blocks = np.pad(waveform, (0, n_blocks * _BLOCK - len(waveform))).reshape(n_blocks, _BLOCK)
        peaks_db = 20.0 * np.log10(np.maximum(np.abs(blocks).max(axis=1), 10 ** (_SILENCE_DB / 20)))
        gains = 10 ** (self._followed(self.static_gain_db(peaks_db)) / 20)
        # A line from block to block, so that the gain has no steps.
        before = np.concatenate([gains[:1], gains[:-1]])
        ramp = np.linspace(0.0, 1.0, _BLOCK, dtype=np.float32)
        curve = (before + np.multiply.outer(ramp, gains - before)).T
        return np.asarray((blocks * curve).reshape(-1)[: len(waveform)], dtype=np.float32)

    def static_gain_db(self, level_db: NDArray[np.float32]) -> NDArray[np.float32]:
        """The gain that a steady level gets in the end."""
        over_db = np.maximum(0.0, level_db - self.threshold_db)
        return np.asarray(over_db * (1.0 / self.ratio - 1.0), dtype=np.float32)

    def _followed(self, wanted_db: NDArray[np.float32]) -> NDArray[np.float32]:
        attack, release = (
            float(np.exp(-_BLOCK / (seconds * FRONT_END.sample_rate_hz)))
            for seconds in (self.attack_s, self.release_s)
        )
        now, followed = 0.0, []
        for target in wanted_db.tolist():
            now = target + (now - target) * (attack if target < now else release)
            followed.append(now)
        return np.array(followed, dtype=np.float32)
