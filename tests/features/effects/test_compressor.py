import numpy as np
import pytest

from timbre.features.effects.compressor import Compressor

RATE_HZ = 32_000
COMPRESSOR = Compressor(threshold_db=-30.0, ratio=4.0, attack_s=0.01, release_s=0.1)


def sine(level_db: float, duration_s: float = 1.0) -> np.ndarray:
    """A sine whose peak is at `level_db`."""
    time_s = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * 1_000 * time_s)).astype(np.float32)


def steady_peak_db(waveform: np.ndarray) -> float:
    return float(20 * np.log10(np.abs(waveform[-RATE_HZ // 4 :]).max()))


def envelope_db(waveform: np.ndarray, step_s: float = 0.004) -> np.ndarray:
    blocks = waveform[: len(waveform) // int(step_s * RATE_HZ) * int(step_s * RATE_HZ)]
    return 20 * np.log10(np.abs(blocks.reshape(-1, int(step_s * RATE_HZ))).max(axis=1))


@pytest.mark.parametrize("ratio", [2.0, 4.0])
def test_above_the_threshold_the_curve_rises_by_one_over_the_ratio(ratio):
    compressor = Compressor(-30.0, ratio, 0.01, 0.1)
    levels_db = np.array([-26.0, -20.0, -14.0, -8.0])
    out_db = [steady_peak_db(compressor(sine(level))) for level in levels_db]
    slope, _ = np.polyfit(levels_db, out_db, 1)
    assert slope == pytest.approx(1 / ratio, abs=0.01)
    assert out_db[0] == pytest.approx(-30 + 4 / ratio, abs=0.1)


def test_below_the_threshold_nothing_changes():
    quiet = sine(-36.0)
    np.testing.assert_allclose(COMPRESSOR(quiet), quiet, atol=1e-7)


def test_the_gain_falls_with_the_attack_and_comes_back_with_the_release():
    sound = np.concatenate([sine(-40, 0.5), sine(-10, 0.5), sine(-40, 1.0)])
    gain_db = envelope_db(COMPRESSOR(sound)) - envelope_db(sound)
    loud, after = gain_db[126:249], gain_db[252:]
    assert (np.diff(loud) < 0.05).all()
    assert (np.diff(after) > -0.05).all()
    assert loud[-1] == pytest.approx(-15.0, abs=0.1)  # 20 dB over become 5
    assert gain_db[0] == pytest.approx(0.0, abs=0.01)
    assert after[-1] == pytest.approx(0.0, abs=0.05)
    # 63 % of the way after the time constant.
    assert loud[1] == pytest.approx(-15.0 * (1 - np.exp(-0.01 / 0.01)), abs=2.5)
    assert after[25] == pytest.approx(-15.0 * np.exp(-0.1 / 0.1), abs=1.0)
