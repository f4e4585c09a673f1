import numpy as np
import pytest

from timbre.features.audibility import AUDIBLE_SHARE, INAUDIBLE_SHARE, audible_shares, cell_powers

RATE_HZ = 32_000
TIME_S = np.arange(3 * RATE_HZ) / RATE_HZ


def tones(base_hz: float, level: float) -> np.ndarray:
    return (level * sum(np.sin(2 * np.pi * base_hz * k * TIME_S) for k in (1, 2, 3, 4, 5))).astype(np.float32)


def test_a_full_scale_sine_has_half_the_power():
    powers = cell_powers(np.sin(2 * np.pi * 1_000 * TIME_S).astype(np.float32))
    assert powers.sum(axis=0).mean() == pytest.approx(0.5, rel=0.02)


def test_two_apart_are_both_heard_and_one_drowned_is_not():
    low, high = cell_powers(tones(100, 0.1)), cell_powers(tones(2_500, 0.1))
    assert (audible_shares([low, high]) > AUDIBLE_SHARE).all()
    drowned = cell_powers(tones(100, 0.001))
    shares = audible_shares([low, drowned])
    assert shares[0] > AUDIBLE_SHARE
    assert shares[1] < INAUDIBLE_SHARE


def test_noise_can_drown_an_instrument():
    quiet = cell_powers(tones(440, 0.001))
    noise = cell_powers(np.random.default_rng(0).standard_normal(len(TIME_S)).astype(np.float32))
    assert audible_shares([quiet])[0] > AUDIBLE_SHARE
    assert audible_shares([quiet], noise)[0] < INAUDIBLE_SHARE


def test_silence_is_not_heard():
    silence = cell_powers(np.zeros(len(TIME_S), np.float32))
    assert audible_shares([silence, cell_powers(tones(200, 0.1))])[0] == 0.0
    assert audible_shares([silence])[0] == 0.0
