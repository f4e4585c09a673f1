import numpy as np
import pytest
import torch

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import log_mel
from timbre.models.another_instrument import EQ_DB, EQ_WAVES, SHARE, another_instrument, curves_db, shifted


def harmonics(f0_hz: float) -> torch.Tensor:
    """A second of eight harmonics, `(1, n_mels, n_frames)`."""
    time_s = np.arange(FRONT_END.sample_rate_hz) / FRONT_END.sample_rate_hz
    waveform = sum(np.sin(2 * np.pi * n * f0_hz * time_s) / n for n in range(1, 9)) / 4
    return torch.from_numpy(log_mel(waveform.astype(np.float32))).unsqueeze(0)


@pytest.mark.parametrize("semitones", [-3.0, -1.0, 0.0, 2.0, 3.0])
def test_it_sounds_as_the_same_instrument_at_the_other_pitch(semitones):
    there = shifted(harmonics(440.0), torch.tensor([semitones]))[0, :, 50].numpy()
    played = harmonics(440.0 * 2 ** (semitones / 12))[0, :, 50].numpy()
    loud = played > -40  # between the harmonics a window's own lobes do not move with them
    assert loud.sum() > 20
    assert np.corrcoef(there[loud], played[loud])[0, 1] > 0.9
    if semitones:
        unmoved = harmonics(440.0)[0, :, 50].numpy()
        assert np.abs(there - played)[loud].mean() < 0.6 * np.abs(unmoved - played)[loud].mean()


def test_each_window_is_shifted_by_its_own():
    both = shifted(harmonics(440.0).repeat(2, 1, 1), torch.tensor([0.0, 3.0]))
    torch.testing.assert_close(both[0], harmonics(440.0)[0], atol=1e-3, rtol=0)
    assert (both[1] - both[0]).abs().max() > 10


def test_only_windows_of_one_instrument_are_varied_and_not_all_of_them():
    windows = torch.rand(400, 128, 4) * -60
    targets = torch.zeros(400, 3)
    targets[:100, 0] = 1
    targets[200:, :2] = 1  # two instruments
    varied = another_instrument(windows, targets, torch.Generator().manual_seed(0), -100.0)
    changed = (varied != windows).flatten(1).any(dim=1)
    assert not changed[200:].any()
    assert abs(changed[:200].float().mean() - SHARE) < 0.1
    assert varied.min() >= -100.0


def test_curves_are_slow_and_bounded():
    curves = curves_db(200, 128, torch.Generator().manual_seed(0))
    assert curves.abs().max() <= len(EQ_WAVES) * EQ_DB
    assert curves.diff(dim=1).abs().max() < 5  # dB from band to band
    assert curves.std(dim=0).min() > 3
