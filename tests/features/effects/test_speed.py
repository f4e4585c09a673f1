import numpy as np
import pytest

from timbre.features.effects.speed import resampled

RATE_HZ = 32_000
TIME_S = np.arange(2 * RATE_HZ) / RATE_HZ


@pytest.mark.parametrize("ratio", [0.75, 2 ** (-3 / 12), 1.5])
def test_pitch_and_duration_move_by_the_ratio(ratio):
    tone = np.sin(2 * np.pi * 1_000 * TIME_S).astype(np.float32)
    faster = resampled(tone, ratio)
    assert len(faster) == pytest.approx(len(tone) / ratio, abs=1)
    spectrum = np.abs(np.fft.rfft(faster * np.hanning(len(faster))))
    peak_hz = np.fft.rfftfreq(len(faster), 1 / RATE_HZ)[spectrum.argmax()]
    assert peak_hz == pytest.approx(1_000 * ratio, abs=1)


def test_what_would_pass_half_the_rate_is_gone_and_not_folded_back():
    tone = np.sin(2 * np.pi * 14_000 * TIME_S).astype(np.float32)
    faster = resampled(tone, 1.3)  # 18.2 kHz, above the 16 kHz that there can be
    assert np.sqrt(np.mean(faster[1_000:-1_000] ** 2)) < 10 ** (-60 / 20)
