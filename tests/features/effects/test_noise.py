import numpy as np
import pytest
from scipy.signal import welch

from timbre.features.effects.noise import at_snr, coloured_noise

RATE_HZ = 32_000
N = 20 * RATE_HZ


@pytest.mark.parametrize("snr_db", [-3.0, 12.0, 40.0])
def test_noise_lies_so_far_below_the_signal(snr_db):
    signal = np.sin(np.arange(N) / 7).astype(np.float32)
    noise = at_snr(coloured_noise(N, 3.0, 1) * 0.2, signal, snr_db)
    measured_db = 20 * np.log10(np.std(signal, dtype=np.float64) / np.std(noise, dtype=np.float64))
    assert measured_db == pytest.approx(snr_db, abs=0.1)


def test_silence_cannot_be_made_louder():
    silence = np.zeros(100, np.float32)
    np.testing.assert_array_equal(at_snr(silence, np.ones(100, np.float32), 0.0), silence)


@pytest.mark.parametrize("slope_db", [0.0, 3.0, 6.0])
def test_its_density_falls_by_the_slope_an_octave(slope_db):
    noise = coloured_noise(N, slope_db, 2)
    assert noise.std() == pytest.approx(1.0, rel=1e-3)
    frequencies_hz, density = welch(noise, RATE_HZ, nperseg=4_096)
    chosen = (frequencies_hz > 100) & (frequencies_hz < 12_000)
    fall, _ = np.polyfit(np.log2(frequencies_hz[chosen]), 10 * np.log10(density[chosen]), 1)
    assert -fall == pytest.approx(slope_db, abs=0.15)


def test_the_same_seed_is_the_same_noise():
    np.testing.assert_array_equal(coloured_noise(999, 3.0, 5), coloured_noise(999, 3.0, 5))
    assert not np.array_equal(coloured_noise(999, 3.0, 5), coloured_noise(999, 3.0, 6))
