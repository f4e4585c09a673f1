import numpy as np
import pytest
from scipy.signal import chirp

from timbre.features.effects.equalizer import BAND_CENTRES_HZ, Equalizer

RATE_HZ = 32_000
TIME_S = np.arange(2 * RATE_HZ) / RATE_HZ
GAINS_DB = (6.0, -4.0, 3.0, -6.0, 0.0, 5.0, -2.0)


def level_db(waveform: np.ndarray) -> float:
    return float(20 * np.log10(np.std(waveform[RATE_HZ // 2 : -RATE_HZ // 2], dtype=np.float64)))


@pytest.mark.parametrize(("centre_hz", "gain_db"), [*zip(BAND_CENTRES_HZ, GAINS_DB, strict=True)])
def test_a_sine_in_the_middle_of_a_band_gets_its_gain(centre_hz, gain_db):
    sine = 0.1 * np.sin(2 * np.pi * centre_hz * TIME_S).astype(np.float32)
    assert level_db(Equalizer(GAINS_DB)(sine)) - level_db(sine) == pytest.approx(gain_db, abs=0.15)


def test_a_chirp_meets_the_curve_that_the_truth_is_told():
    sweep = chirp(TIME_S, 100, TIME_S[-1], 15_000, method="logarithmic").astype(np.float32)
    equalizer = Equalizer(GAINS_DB)
    spectra = [np.abs(np.fft.rfft(signal)) for signal in (sweep, equalizer(sweep))]
    frequencies_hz = np.fft.rfftfreq(len(sweep), 1 / RATE_HZ)
    inside = (frequencies_hz > 300) & (frequencies_hz < 10_000)
    measured_db = 20 * np.log10(spectra[1][inside] / spectra[0][inside])
    said_db = equalizer.gain_db(frequencies_hz[inside])
    assert np.percentile(np.abs(measured_db - said_db), 95) < 0.3


def test_level_gains_change_nothing():
    noise = np.random.default_rng(0).standard_normal(RATE_HZ).astype(np.float32)
    np.testing.assert_allclose(Equalizer((0.0,) * 7)(noise), noise, atol=1e-5)
