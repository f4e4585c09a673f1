import numpy as np
import pytest

from timbre.features.scales import MAJOR, MINOR, to_scale

NOTES = np.random.default_rng(0).uniform(20, 100, 500)


@pytest.mark.parametrize("scale", [MAJOR, MINOR])
@pytest.mark.parametrize("tonic", [0, 4, 11])
def test_every_note_comes_to_the_nearest_tone(scale, tonic):
    tones = np.array([n for n in range(130) if (n - tonic) % 12 in scale])
    semitones = to_scale(NOTES, tonic, scale)
    nearest = np.abs(tones[None, :] - NOTES[:, None]).min(axis=1)
    np.testing.assert_allclose(np.abs(semitones), nearest, atol=1e-9)
    assert {int(n - tonic) % 12 for n in np.round(NOTES + semitones, 6)} <= set(scale)


def test_what_is_in_tune_stays():
    c_major = np.array([60.0, 64.0, 67.0])
    np.testing.assert_array_equal(to_scale(c_major, 0, MAJOR), 0.0)
