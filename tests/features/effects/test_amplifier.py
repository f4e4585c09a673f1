from dataclasses import replace

import numpy as np
import pytest

from timbre.features.effects.amplifier import Amplifier
from timbre.features.effects.chain import DRIVE_DB

RATE_HZ = 32_000
TIME_S = np.arange(RATE_HZ) / RATE_HZ
CLEAN = Amplifier(-40.0, 0.0, low_hz=80.0, high_hz=5_000.0, presence_hz=2_500.0, presence_db=6.0)
FUZZ = Amplifier(30.0, 0.0, low_hz=80.0, high_hz=5_000.0, presence_hz=2_500.0, presence_db=0.0)


def sine(frequency_hz: float) -> np.ndarray:
    return (0.2 * np.sin(2 * np.pi * frequency_hz * TIME_S)).astype(np.float32)


def harmonics_db(waveform: np.ndarray, f0_hz: int, numbers: tuple[int, ...]) -> np.ndarray:
    """Levels against the fundamental; a second of sound has a bin at every Hz."""
    spectrum = np.abs(np.fft.rfft(waveform))
    return 20 * np.log10(spectrum[[n * f0_hz for n in numbers]] / spectrum[f0_hz])


@pytest.mark.parametrize("frequency_hz", [60, 200, 1_000, 2_500, 6_000])
def test_without_drive_only_the_loudspeaker_is_heard(frequency_hz):
    gain_db = 20 * np.log10(np.std(CLEAN(sine(frequency_hz))) / np.std(sine(frequency_hz)))
    drive_db = -40.0  # so quiet that the valve is a straight line
    expected_db = drive_db + CLEAN.loudspeaker_db(np.array([float(frequency_hz)]))[0]
    assert gain_db == pytest.approx(expected_db, abs=0.15)


def test_the_loudspeaker_is_3_db_down_at_its_ends():
    ends_db = FUZZ.loudspeaker_db(np.array([80.0, 5_000.0]))
    np.testing.assert_allclose(ends_db, -3.01, atol=0.05)


def test_a_driven_sine_becomes_nearly_square():
    flat = Amplifier(40.0, 0.0, low_hz=1.0, high_hz=15_000.0, presence_hz=2_500.0, presence_db=0.0)
    # The odd harmonics of a square wave fall as 1/n; there are no even ones.
    odd_db = harmonics_db(flat(sine(100)), 100, (3, 5, 7, 9))
    np.testing.assert_allclose(odd_db, -20 * np.log10([3, 5, 7, 9]), atol=0.5)
    assert harmonics_db(flat(sine(100)), 100, (2, 4)).max() < -60


def test_a_biased_valve_adds_even_harmonics():
    biased = Amplifier(6.0, 0.5, low_hz=1.0, high_hz=15_000.0, presence_hz=2_500.0, presence_db=0.0)
    assert harmonics_db(biased(sine(100)), 100, (2,))[0] > -25


@pytest.mark.parametrize(("frequency_hz", "folded_db"), [(1_301, -60), (3_001, -40), (5_003, -31)])
def test_what_is_bent_does_not_fold_back(frequency_hz, folded_db):
    most_driven = replace(FUZZ, drive_db=DRIVE_DB[1])
    steady = most_driven(np.tile(sine(frequency_hz), 3))[RATE_HZ : 2 * RATE_HZ]
    power = np.abs(np.fft.rfft(steady)) ** 2
    bins = np.arange(len(power))
    is_harmonic = np.abs(bins - frequency_hz * np.round(bins / frequency_hz)) <= 5
    assert 10 * np.log10(power[~is_harmonic].sum() / power[is_harmonic].sum()) < folded_db


def test_a_driven_sound_is_squeezed():
    decaying = sine(200) * np.exp(-4 * TIME_S).astype(np.float32)
    before, after = (np.std(x[:8_000]) / np.std(x[-8_000:]) for x in (decaying, FUZZ(decaying)))
    assert after < before / 3


def test_silence_stays_silent():
    np.testing.assert_array_equal(FUZZ(np.zeros(999, np.float32)), 0.0)
