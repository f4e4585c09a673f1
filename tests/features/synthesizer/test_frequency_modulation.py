from dataclasses import replace

import numpy as np
import pytest
from note_spectra import between_db, level_db, piece_db, played
from scipy.special import jv

from timbre.features.note_events import NoteEvent
from timbre.features.synthesizer.frequency_modulation import FrequencyModulation, Pair

FOREVER_S = 1e4
STEADY = Pair(
    carrier=2.0, modulator=1.0, index=1.0, index_s=FOREVER_S, index_left=1.0, level=1.0, decay_s=FOREVER_S
)
HARDEST = 1.3  # times the index, for the hardest stroke


def instrument(**changes) -> FrequencyModulation:
    return FrequencyModulation(release_s=0.1, pairs=(replace(STEADY, **changes),))


@pytest.mark.parametrize("index", [0.5, 1.5])
def test_the_side_bands_are_bessels(index):
    waveform = played(instrument(carrier=10.0, modulator=1.0, index=index), note=57)
    heard_db = np.array([level_db(waveform, 220.0 * (10 + order)) for order in range(5)])
    wanted_db = 20 * np.log10(np.abs(jv(np.arange(5), index * HARDEST)))
    assert heard_db - heard_db[1] == pytest.approx(wanted_db - wanted_db[1], abs=0.1)


@pytest.mark.parametrize(("modulator", "note"), [(1.0, 40), (1.0, 88), (14.0, 60), (14.0, 76), (14.0, 96)])
def test_no_side_band_folds_back_loudly(modulator, note):
    one = instrument(carrier=1.0, modulator=modulator, index=5.0)
    assert between_db(played(one, note), one.hz(note)) < -45


def test_a_partial_beyond_half_the_rate_is_left_out():
    body = replace(STEADY, carrier=1.0, index=0.0)
    both = FrequencyModulation(release_s=0.1, pairs=(body, replace(STEADY, carrier=9.0)))
    assert between_db(played(both, note=96), both.hz(96)) < -70


def test_brightness_fades_before_the_note_does_and_high_notes_fade_first():
    waveform = played(instrument(carrier=1.0, index_s=0.3, index_left=0.0, decay_s=2.0), note=60)
    early, late = waveform[:8_000], waveform[40_000:48_000]
    share_db = [piece_db(piece, 523.25) - piece_db(piece, 261.63) for piece in (early, late)]
    assert share_db[1] < share_db[0] - 15
    low, high = (
        np.std(one[64_000:72_000]) / np.std(one[:8_000])
        for one in (played(instrument(decay_s=1.0), note) for note in (48, 84))
    )
    assert high < low / 2


def test_a_soft_stroke_is_softer_and_duller():
    def struck(velocity: int) -> np.ndarray:
        # The hardest one after it makes both phrases as loud.
        events = [NoteEvent(0.0, 3.0, 57, velocity), NoteEvent(3.5, 1.0, 57, 127)]
        return instrument(carrier=1.0).play(events, 150_000, np.random.default_rng(0))

    soft, hard = struck(30), struck(127)
    assert np.std(soft[:90_000]) < 0.6 * np.std(hard[:90_000])
    assert level_db(soft, 440.0) - level_db(soft, 220.0) < level_db(hard, 440.0) - level_db(hard, 220.0) - 3
