"""Played faster or slower: pitch, formants and duration move together, a cheap other instrument."""

import soxr

from timbre.audio.front_end import FRONT_END
from timbre.features.effects.effect import Waveform

_QUALITY = "MQ"  # band-limited, at the cost of a linear interpolation, which is not


def resampled(waveform: Waveform, ratio: float) -> Waveform:
    """Played `ratio` times as fast: `len(waveform) / ratio` samples, every frequency times `ratio`."""
    rate_hz = float(FRONT_END.sample_rate_hz)
    return soxr.resample(waveform, rate_hz * ratio, rate_hz, quality=_QUALITY)
