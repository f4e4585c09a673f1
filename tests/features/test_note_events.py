import numpy as np
import pytest

from timbre.features.general_midi import DRUM_NOTES, PRESETS
from timbre.features.note_events import drum_kit_events, percussion_events, phrase_events
from timbre.features.scales import MAJOR, MINOR
from timbre.taxonomy import BY_ID


def test_every_preset_and_drum_is_a_leaf():
    assert {preset.leaf for preset in PRESETS} | set(DRUM_NOTES) <= set(BY_ID)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: f"{preset.leaf}_{preset.program}")
def test_a_phrase_keeps_to_range_and_key(preset):
    for seed in range(5):
        events = phrase_events(preset, 3, 6.0, np.random.default_rng(seed))
        notes = {event.note for event in events}
        assert preset.low <= min(notes)
        assert max(notes) <= preset.high
        degrees = {(note - 3) % 12 for note in notes}
        assert degrees <= set(MAJOR) or degrees <= set(MINOR)
        assert all(1 <= event.velocity <= 127 and event.duration_s > 0 for event in events)
        assert min(event.start_s for event in events) == 0.0


def test_only_those_who_can_play_chords():
    for preset in PRESETS:
        events = phrase_events(preset, 0, 30.0, np.random.default_rng(1))
        starts = [event.start_s for event in events]
        assert preset.chords or len(starts) == len(set(starts))


def test_percussion_strikes_one_instrument_and_a_kit_several():
    rng = np.random.default_rng(0)
    assert len({event.note for event in percussion_events(DRUM_NOTES["tom"], 6.0, rng)}) == 1
    assert {36, 38} < {event.note for event in drum_kit_events(6.0, rng)}
