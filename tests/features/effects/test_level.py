import numpy as np
import pytest

from timbre.features.effects.level import at_level

N = 32_000


@pytest.mark.parametrize("rms_db", [-42.0, -25.0, -14.0])
def test_a_mix_is_at_its_level_and_never_clips(rms_db):
    tone = np.sin(np.arange(N) / 20).astype(np.float32)
    mix = at_level(tone, rms_db)
    assert 20 * np.log10(np.std(mix)) == pytest.approx(rms_db, abs=0.5)  # the limiter takes a little
    assert np.abs(at_level(tone, 0.0)).max() < 1.0


def test_silence_stays_silent():
    np.testing.assert_array_equal(at_level(np.zeros(N, np.float32), -20.0), 0.0)
