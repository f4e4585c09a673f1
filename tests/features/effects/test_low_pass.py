import numpy as np
import pytest
from scipy.signal import chirp

from timbre.features.effects.low_pass import LowPass

RATE_HZ = 32_000
TIME_S = np.arange(4 * RATE_HZ) / RATE_HZ
SWEEP = chirp(TIME_S, 50, TIME_S[-1], 15_900).astype(np.float32)
FREQUENCIES_HZ = np.fft.rfftfreq(len(SWEEP), 1 / RATE_HZ)


def measured_db(low_pass: LowPass) -> np.ndarray:
    padded = np.concatenate([SWEEP, np.zeros(1_000, np.float32)])
    out = low_pass(padded)[: len(SWEEP)]
    return 20 * np.log10(np.abs(np.fft.rfft(out)) / np.abs(np.fft.rfft(SWEEP)))


@pytest.mark.parametrize("cutoff_hz", [5_000.0, 9_000.0, 13_000.0])
def test_a_chirp_is_3_db_down_at_the_cutoff(cutoff_hz):
    drop_db = measured_db(LowPass(cutoff_hz))
    at_cutoff = np.abs(FREQUENCIES_HZ - cutoff_hz) < 20
    assert np.median(drop_db[at_cutoff]) == pytest.approx(-3.01, abs=0.2)
    first, last = np.searchsorted(FREQUENCIES_HZ, [200, 0.6 * cutoff_hz])
    assert np.percentile(np.abs(drop_db[first:last]), 95) < 0.1


def test_the_truth_is_told_what_the_filter_does():
    low_pass = LowPass(6_000.0)
    inside = (FREQUENCIES_HZ > 1_000) & (FREQUENCIES_HZ < 9_000)
    difference_db = measured_db(low_pass)[inside] - low_pass.gain_db(FREQUENCIES_HZ[inside])
    assert np.percentile(np.abs(difference_db), 95) < 0.3
