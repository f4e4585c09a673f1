"""An echo, as a synthesizer has it built in or behind it."""

from dataclasses import dataclass

import numpy as np

from timbre.features.effects.effect import Effect
from timbre.features.synthesizer.wavetable import RATE_HZ, Wave


@dataclass(frozen=True)
class Echo(Effect):
    """The sound again and again, each time `feedback` as loud as before, the first time `level`."""

    delay_s: float
    level: float
    feedback: float

    def __call__(self, waveform: Wave) -> Wave:
        step, gain, heard = int(self.delay_s * RATE_HZ), self.level, waveform.copy()
        for start in range(step, len(waveform), step):
            heard[start:] += np.float32(gain) * waveform[: len(waveform) - start]
            gain *= self.feedback
        return heard
