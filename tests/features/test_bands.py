import numpy as np
import pytest
from scipy.signal import chirp

from timbre.features.bands import BAND_EDGES_HZ, BAND_NAMES, band_density_db, overlap

RATE_HZ = 32_000
TIME_S = np.arange(RATE_HZ) / RATE_HZ
WIDTHS_HZ = np.diff(BAND_EDGES_HZ)


@pytest.mark.parametrize(
    ("frequency_hz", "band"), [(40, 0), (100, 1), (300, 2), (1_000, 3), (3_000, 4), (5_000, 5), (9_000, 6)]
)
def test_a_sine_lies_in_its_band_with_its_energy(frequency_hz, band):
    density_db = band_density_db(np.sin(2 * np.pi * frequency_hz * TIME_S).astype(np.float32), RATE_HZ)
    assert int(density_db.argmax()) == band
    assert density_db[band] == pytest.approx(10 * np.log10(0.5 / WIDTHS_HZ[band]), abs=0.05)
    others = np.delete(density_db, band)
    assert others.max() < density_db[band] - 60


def test_white_noise_is_level_in_all_bands():
    noise = np.random.default_rng(0).standard_normal(20 * RATE_HZ).astype(np.float32)
    density_db = band_density_db(noise, RATE_HZ)
    # Variance 1 over half the rate.
    np.testing.assert_allclose(density_db, 10 * np.log10(1 / (RATE_HZ / 2)), atol=0.5)


def test_a_linear_chirp_spends_equal_energy_on_every_hertz():
    sweep = chirp(np.arange(4 * RATE_HZ) / RATE_HZ, 20, 4, 16_000).astype(np.float32)
    density_db = band_density_db(sweep, RATE_HZ)
    assert np.ptp(density_db[1:]) < 1.5


def test_a_logarithmic_chirp_spends_equal_energy_on_every_octave():
    sweep = chirp(np.arange(8 * RATE_HZ) / RATE_HZ, 20, 8, 16_000, method="logarithmic").astype(np.float32)
    octaves = np.diff(np.log2(BAND_EDGES_HZ))
    expected_db = 10 * np.log10(0.5 * octaves / octaves.sum() / WIDTHS_HZ)
    np.testing.assert_allclose(band_density_db(sweep, RATE_HZ), expected_db, atol=1.0)


def test_bands_are_those_of_a_mixing_engineer():
    assert BAND_EDGES_HZ == (20, 60, 250, 500, 2_000, 4_000, 6_000, 16_000)
    assert len(BAND_NAMES) == 7


def test_overlap_is_of_shapes_and_not_of_levels():
    low = band_density_db(np.sin(2 * np.pi * 100 * TIME_S).astype(np.float32), RATE_HZ)
    high = band_density_db(np.sin(2 * np.pi * 9_000 * TIME_S).astype(np.float32), RATE_HZ)
    assert overlap(low, low - 20) == pytest.approx(1.0)
    assert overlap(low, high) < 0.05
    assert overlap(low, high) == pytest.approx(overlap(high, low))
