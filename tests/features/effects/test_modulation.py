import numpy as np
import pytest

from timbre.features.effects.modulation import Modulation, swing_s

RATE_HZ = 32_000
TIME_S = np.arange(2 * RATE_HZ) / RATE_HZ
SINE = np.sin(2 * np.pi * 440.0 * TIME_S).astype(np.float32)


def pitch_cents(waveform: np.ndarray) -> np.ndarray:
    """Of each period, against 440 Hz: by its rising zero crossings, between samples."""
    before = np.flatnonzero((waveform[:-1] < 0) & (waveform[1:] >= 0))
    crossings = before - waveform[before] / (waveform[before + 1] - waveform[before])
    return 1_200 * np.log2(RATE_HZ / np.diff(crossings) / 440.0)


@pytest.mark.parametrize("cents", [10.0, 40.0])
def test_vibrato_goes_as_far_up_and_down_as_it_says(cents):
    vibrato = Modulation(5.5, 0.25, 0.0, swing_s(cents, 5.5), wet=1.0, tremolo_db=0.0)
    measured = pitch_cents(vibrato(SINE)[RATE_HZ // 10 :])
    assert measured.max() == pytest.approx(cents, rel=0.1)
    assert measured.min() == pytest.approx(-cents, rel=0.1)
    upwards = np.flatnonzero((measured[:-1] < 0) & (measured[1:] >= 0))
    assert len(upwards) == pytest.approx(5.5 * 1.9, abs=1)


def test_tremolo_falls_as_deep_as_it_says():
    out = Modulation(4.0, 0.0, 0.0, 0.0, wet=0.0, tremolo_db=9.0)(SINE)
    levels = np.abs(out).reshape(-1, 320).max(axis=1)
    assert 20 * np.log10(levels.max() / levels.min()) == pytest.approx(9.0, abs=0.3)
    assert levels.max() == pytest.approx(1.0, abs=0.01)


def test_a_chorus_notches_what_its_delay_cancels():
    still = Modulation(1.0, 0.0, delay_s=0.5 / 440.0, swing_s=0.0, wet=0.5, tremolo_db=0.0)
    assert np.std(still(SINE)[1_000:]) < 0.02
    again = Modulation(1.0, 0.0, delay_s=1.0 / 440.0, swing_s=0.0, wet=0.5, tremolo_db=0.0)
    np.testing.assert_allclose(again(SINE)[1_000:], SINE[1_000:], atol=0.01)


def test_nothing_sounds_before_the_sound():
    late = np.concatenate([np.zeros(5_000, np.float32), SINE])
    out = Modulation(2.0, 0.0, 0.01, 0.001, wet=0.7, tremolo_db=3.0)(late)
    np.testing.assert_array_equal(out[:5_000], 0.0)
