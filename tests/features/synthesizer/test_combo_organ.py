from dataclasses import replace

import numpy as np
from note_spectra import between_db, level_db, played

from timbre.features.synthesizer.combo_organ import ComboOrgan

ORGAN = ComboOrgan(release_s=0.03, wave="square", levels=(0.0, 1.0, 0.0, 0.0), cutoff_hz=8_000.0)


def test_a_square_of_8_feet_has_odd_harmonics_alone():
    waveform = played(ORGAN, note=57)
    assert level_db(waveform, 660.0) > level_db(waveform, 440.0) + 60
    assert between_db(waveform, 220.0) < -70


def test_each_tab_adds_its_octave():
    waveform = played(replace(ORGAN, levels=(0.5, 1.0, 0.0, 0.7)), note=57)
    absent = level_db(played(ORGAN, note=57), 110.0)
    assert level_db(waveform, 110.0) > absent + 60
    assert level_db(waveform, 880.0) > level_db(waveform, 990.0) + 10


def test_the_highest_keys_have_no_harmonics_beyond_half_the_rate():
    assert between_db(played(replace(ORGAN, wave="saw", levels=(1.0, 1.0, 1.0, 1.0)), note=96), 1_046.5) < -50


def test_each_is_set_otherwise_and_has_its_8_feet():
    organs = [ComboOrgan.drawn(np.random.default_rng(seed)) for seed in range(30)]
    assert len({organ.levels for organ in organs}) == 30
    assert all(organ.levels[1] >= 0.5 for organ in organs)
