"""An echo, as a synthesizer has it built in or behind it: the sound comes again."""

from dataclasses import dataclass

import numpy as np

from timbre.audio.front_end import FRONT_END
from timbre.features.effects.effect import Effect, Waveform


@dataclass(frozen=True)
class Echo(Effect):
    """The sound again and again, each time `feedback` as loud as before, the first time `level`."""

    echoes = True

    delay_s: float
    level: float
    feedback: float

    def __call__(self, waveform: Waveform) -> Waveform:
        step, gain, heard = int(self.delay_s * FRONT_END.sample_rate_hz), self.level, waveform.copy()
        for start in range(step, len(waveform), step):
            heard[start:] += np.float32(gain) * waveform[: len(waveform) - start]
            gain *= self.feedback
        return heard
