import numpy as np
import pytest

from timbre.features.room import MIX_RMS_DB, at_level, coloured_noise, reverberated

N = 32_000


def test_a_room_keeps_the_direct_sound_and_rings_after_it():
    click = np.zeros(N, np.float32)
    click[100] = 1.0
    wet = reverberated(click, np.random.default_rng(0))
    assert wet[100] == pytest.approx(1.0, abs=0.01)
    assert np.abs(wet[:100]).max() < 1e-6
    assert 10 ** (-24 / 10) * 0.8 < np.sum(wet[101:] ** 2) < 10 ** (-6 / 10) * 1.2


def test_a_mix_is_at_a_level_of_music_and_never_clips():
    tone = np.sin(np.arange(N) / 20).astype(np.float32)
    for seed in range(20):
        mix = at_level(tone, np.random.default_rng(seed))
        level_db = 20 * np.log10(np.sqrt(np.mean(mix**2)))
        assert MIX_RMS_DB[0] - 0.1 < level_db < MIX_RMS_DB[1] + 0.1
        assert np.abs(mix).max() <= 1.0
    np.testing.assert_array_equal(at_level(np.zeros(N, np.float32), np.random.default_rng(0)), 0.0)


def test_noise_has_unit_level():
    assert coloured_noise(N, np.random.default_rng(1)).std() == pytest.approx(1.0, rel=1e-4)
