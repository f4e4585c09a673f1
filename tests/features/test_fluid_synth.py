"""FluidSynth itself, with a small soundfont."""

import numpy as np
import pytest
from fluid import SOUNDFONT, needs_fluidsynth

from timbre.features.fluid_synth import FluidSynth
from timbre.features.general_midi import DRUM_BANK
from timbre.features.note_events import NoteEvent
from timbre.features.pitch import note_pitch

RATE_HZ = 32_000
PIANO, STRINGS = 0, 48
TUNE = [NoteEvent(0.0, 0.6, 60, 90), NoteEvent(0.5, 1.0, 67, 80)]
CHORD = [NoteEvent(0.0, 9.0, note, 110) for note in (48, 55, 60, 64)]
pytestmark = needs_fluidsynth


def test_a_note_sounds_when_and_where_it_should():
    waveform = FluidSynth(SOUNDFONT).render([NoteEvent(0.5, 1.0, 69, 100)], PIANO, 0, 3 * RATE_HZ)
    level = np.sqrt(np.mean(waveform.reshape(-1, RATE_HZ // 10) ** 2, axis=1))
    assert waveform.shape == (3 * RATE_HZ,)
    assert level[:4].max() < 0.001 * level.max()
    assert level[5:9].min() > 0.1 * level.max()
    assert note_pitch(waveform) == pytest.approx(69.0, abs=0.3)


@pytest.mark.parametrize(("events", "program", "bank"), [(CHORD, STRINGS, 0), (CHORD, 0, DRUM_BANK)])
def test_a_phrase_is_the_same_whatever_was_played_before(events, program, bank):
    fresh = FluidSynth(SOUNDFONT).render(TUNE, PIANO, 0, 2 * RATE_HZ)
    used = FluidSynth(SOUNDFONT)
    used.render(events, program, bank, 2 * RATE_HZ)
    assert np.array_equal(used.render(TUNE, PIANO, 0, 2 * RATE_HZ), fresh)


def test_what_was_played_before_is_not_heard():
    synth = FluidSynth(SOUNDFONT)
    assert np.abs(synth.render(CHORD, STRINGS, 0, 2 * RATE_HZ)).max() > 0.1
    assert np.abs(synth.render([], PIANO, 0, RATE_HZ)).max() < 1e-4


def test_the_soundfont_outlives_those_it_is_lent_to():
    synth = FluidSynth(SOUNDFONT)
    phrases = [synth.render(CHORD, STRINGS, 0, RATE_HZ) for _ in range(20)]
    assert all(np.array_equal(phrase, phrases[0]) for phrase in phrases)
    assert synth.has(STRINGS, 0)
    assert not synth.has(STRINGS, 77)
