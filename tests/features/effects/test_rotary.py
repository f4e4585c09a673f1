import numpy as np
import pytest
from scipy.signal import hilbert

from timbre.features.effects.rotary import Rotary

RATE_HZ = 32_000
TIME_S = np.arange(2 * RATE_HZ) / RATE_HZ


def sine(hz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hz * TIME_S).astype(np.float32)


def envelope(waveform: np.ndarray) -> np.ndarray:
    return np.abs(hilbert(waveform))[RATE_HZ // 4 : -RATE_HZ // 4]


@pytest.mark.parametrize(("hz", "turns_hz"), [(3_000.0, 6.0), (100.0, 5.0)])
def test_what_is_high_swings_with_the_horn_and_what_is_low_with_the_drum(hz, turns_hz):
    level = envelope(Rotary(horn_hz=6.0, drum_hz=5.0, tremolo_db=6.0, phase=0.2)(sine(hz)))
    swing = np.abs(np.fft.rfft(level - level.mean()))
    assert np.fft.rfftfreq(len(level), 1 / RATE_HZ)[swing.argmax()] == pytest.approx(turns_hz, abs=0.7)


def test_a_horn_that_does_not_beam_still_bends_the_pitch():
    turning = Rotary(horn_hz=6.0, drum_hz=5.0, tremolo_db=0.0, phase=0.0)(sine(3_000.0))
    angles = np.unwrap(np.angle(hilbert(turning.astype(np.float64))))[RATE_HZ // 2 : -RATE_HZ // 2]
    pitches_hz = np.diff(angles[::32]) * RATE_HZ / 32 / (2 * np.pi)
    assert np.median(pitches_hz) == pytest.approx(3_000.0, abs=5.0)
    assert 20.0 < np.percentile(pitches_hz, 99) - 3_000.0 < 100.0
