import numpy as np
import pytest

from timbre.features.effects.modulation import Modulation, swing_s

RATE_HZ = 32_000
TIME_S = np.arange(2 * RATE_HZ) / RATE_HZ


def pitch_cents(waveform: np.ndarray) -> np.ndarray:
    """Of each period, against 440 Hz: by its rising zero crossings, between samples."""
    before = np.flatnonzero((waveform[:-1] < 0) & (waveform[1:] >= 0))
    crossings = before - waveform[before] / (waveform[before + 1] - waveform[before])
    return 1_200 * np.log2(RATE_HZ / np.diff(crossings) / 440.0)


def sine(frequency_hz: float, times_s: np.ndarray = TIME_S) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * times_s).astype(np.float32)


SINE = sine(440.0)


@pytest.mark.parametrize("cents", [10.0, 40.0])
def test_vibrato_goes_as_far_up_and_down_as_it_says(cents):
    vibrato = Modulation(5.5, 0.25, 0.0, swing_s(cents, 5.5), wet=1.0, tremolo_db=0.0)
    measured = pitch_cents(vibrato(SINE)[RATE_HZ // 10 :])
    assert measured.max() == pytest.approx(cents, rel=0.1)
    assert measured.min() == pytest.approx(-cents, rel=0.1)
    upwards = np.flatnonzero((measured[:-1] < 0) & (measured[1:] >= 0))
    assert len(upwards) == pytest.approx(5.5 * 1.9, abs=1)


@pytest.mark.parametrize(
    ("frequency_hz", "error_db"), [(440, -90), (5_000, -55), (10_000, -43), (14_000, -37)]
)
def test_vibrato_of_any_pitch_is_a_swing_and_nothing_else(frequency_hz, error_db):
    vibrato = Modulation(5.5, 0.25, 0.0, swing_s(50.0, 5.5), wet=1.0, tremolo_db=0.0)
    delays_s = vibrato.swing_s * (1.0 + np.sin(2 * np.pi * (5.5 * TIME_S + 0.25)))
    middle = slice(RATE_HZ // 10, -RATE_HZ // 10)
    error = (vibrato(sine(frequency_hz)) - sine(frequency_hz, TIME_S - delays_s))[middle]
    assert 20 * np.log10(np.std(error) / np.std(SINE)) < error_db


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
    assert np.abs(out[:4_900]).max() < 1e-4


@pytest.mark.parametrize(("delay_s", "wet"), [(0.0, 1.0), (0.025, 0.5)])
def test_a_sound_that_is_under_way_begins_without_a_gap_or_a_step(delay_s, wet):
    brown = np.random.default_rng(1).standard_normal(3 * RATE_HZ).cumsum()[RATE_HZ:]  # a step would stand out
    steps = np.diff(Modulation(4.0, 0.0, delay_s, 0.001, wet=wet, tremolo_db=0.0)(brown.astype(np.float32)))
    assert np.abs(steps[:2_000]).max() < 1.2 * np.abs(steps[2_000:]).max()
    assert np.std(steps[:30]) > 0.7 * np.std(steps)
