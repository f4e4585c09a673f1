import numpy as np
import pytest
from note_spectra import BLOCK_S, levels, played

from timbre.features.synthesizer.patches import drawn_bass, drawn_lead, drawn_pad

RATE_HZ = 32_000


def attack_s(waveform: np.ndarray) -> float:
    """Until half of the level that is reached in the first two seconds."""
    level = levels(waveform[: 2 * RATE_HZ])
    return float((level > level.max() / 2).argmax() * BLOCK_S)


def centroid_hz(waveform: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(waveform))
    return float(np.sum(spectrum * np.fft.rfftfreq(len(waveform), 1 / RATE_HZ)) / spectrum.sum())


def test_pads_come_slowly_and_the_others_at_once():
    slow, *quick = (
        [attack_s(played(drawn(np.random.default_rng(seed)), note)) for seed in range(6)]
        for drawn, note in ((drawn_pad, 60), (drawn_lead, 72), (drawn_bass, 40))
    )
    assert min(slow) > 0.08
    assert all(np.median(times_s) < 0.05 for times_s in quick)


def test_a_bass_is_darker_than_a_lead():
    bass, lead = (
        np.median([centroid_hz(played(drawn(np.random.default_rng(seed)), 48, 1.0)) for seed in range(8)])
        for drawn in (drawn_bass, drawn_lead)
    )
    assert bass < lead / 1.2


@pytest.mark.parametrize("drawn", [drawn_bass, drawn_lead, drawn_pad])
def test_no_two_patches_are_alike(drawn):
    heard = [played(drawn(np.random.default_rng(seed)), 48, held_s=0.5) for seed in range(10)]
    alike = np.abs(np.corrcoef([np.abs(np.fft.rfft(one))[:8_000] for one in heard]))
    assert np.sort(alike.ravel())[:-10].max() < 0.999
