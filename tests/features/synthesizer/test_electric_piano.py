import numpy as np
import pytest
from note_spectra import levels, played

from timbre.features.synthesizer.electric_piano import drawn_digital, drawn_struck


@pytest.mark.parametrize("drawn", [drawn_struck, drawn_digital])
def test_notes_begin_at_once_and_fade(drawn):
    for seed in range(5):
        waveform = played(drawn(np.random.default_rng(seed)), note=64)
        level = levels(waveform)
        assert level[:20].max() > 0.7 * level.max()
        assert level[250:280].mean() < 0.5 * level.max()


def test_only_the_struck_ones_have_a_hammer():
    rng = np.random.default_rng(0)
    assert any(drawn_struck(rng).thump > 0.01 for _ in range(10))
    assert all(drawn_digital(rng).thump == 0.0 for _ in range(10))
