import itertools
import math

import numpy as np
import pytest

from timbre.features.general_midi import DRUM_NOTES, PRESETS
from timbre.features.note_events import NoteEvent, struck_anew
from timbre.features.playing.bass import bass_events
from timbre.features.playing.drums import GROOVES, KICK, SNARE, TOMS, kit_events, stroke_events
from timbre.features.playing.hands import hands_events, pedalled
from timbre.features.playing.harmony import Harmony
from timbre.features.playing.phrase import phrase_events
from timbre.features.playing.strings import double_stops, plucked_events
from timbre.features.playing.voices import parts_events
from timbre.features.scales import MAJOR, MINOR
from timbre.taxonomy import BY_ID

DURATION_S = 6.0
BY_LEAF = {preset.leaf: preset for preset in PRESETS}
C_MAJOR = Harmony(scale=MAJOR, degrees=(0, 4), beat_s=0.5)
WALTZ = Harmony(scale=MAJOR, degrees=(0, 4), beat_s=0.3646285808, n_beats=3)


def sounding_at(events, at_s):
    return {event.note for event in events if event.start_s <= at_s < event.start_s + event.duration_s}


def test_every_preset_and_drum_is_a_leaf():
    assert {preset.leaf for preset in PRESETS} | set(DRUM_NOTES) <= set(BY_ID)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: f"{preset.leaf}_{preset.program}")
def test_a_phrase_keeps_to_range_key_and_time(preset):
    for seed in range(30):
        events = phrase_events(preset, 3, DURATION_S, np.random.default_rng(seed))
        notes = {event.note for event in events}
        assert preset.low <= min(notes)
        assert max(notes) <= preset.high
        degrees = {(note - 3) % 12 for note in notes}
        assert degrees <= set(MAJOR) or degrees <= set(MINOR)
        assert all(1 <= event.velocity <= 127 and event.duration_s > 0 for event in events)
        assert min(event.start_s for event in events) == 0.0
        assert events == sorted(events, key=lambda event: (event.start_s, event.note))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: f"{preset.leaf}_{preset.program}")
def test_no_key_is_struck_while_it_is_down(preset):
    for seed in range(10):
        up_s: dict[int, float] = {}
        for event in phrase_events(preset, 0, DURATION_S, np.random.default_rng(seed)):
            assert event.start_s >= up_s.get(event.note, 0.0) - 1e-9
            up_s[event.note] = event.start_s + event.duration_s


def test_only_those_who_can_play_chords():
    for preset in PRESETS:
        starts = [e.start_s for e in phrase_events(preset, 0, 30.0, np.random.default_rng(1))]
        assert preset.chords or preset.playing == "bowed" or len(starts) == len(set(starts))


def test_the_chords_of_a_harmony():
    assert C_MAJOR.classes(0) == [0, 4, 7]
    assert C_MAJOR.classes(1) == [7, 11, 2]
    assert C_MAJOR.classes(2) == C_MAJOR.classes(0)
    assert C_MAJOR.chord(0, 48, 60) == [48, 52, 55, 60]
    assert C_MAJOR.root(1, 48) == 55
    assert C_MAJOR.bar_s == 2.0
    assert C_MAJOR.n_bars(6.1) == 4
    with_seventh = Harmony(scale=MAJOR, degrees=(4,), beat_s=0.5, n_thirds=3)
    assert with_seventh.classes(0) == [7, 11, 2, 5]


def test_harmonies_are_in_their_key():
    for seed in range(40):
        harmony = Harmony.drawn(9, np.random.default_rng(seed))
        assert harmony.scale[0] == 9
        assert {note for bar in range(8) for note in harmony.classes(bar)} <= set(harmony.scale)


def test_two_hands_play_low_and_high_at_once():
    piano = BY_LEAF["piano"]
    wide = 0
    for seed in range(60):
        events = hands_events(piano, C_MAJOR, DURATION_S, np.random.default_rng(seed))
        spans = [max(s) - min(s) for at in np.arange(0.2, 5.0, 0.2) if (s := sounding_at(events, at))]
        wide += max(spans) >= 19
    assert wide > 30


def test_the_pedal_holds_every_note_until_it_changes():
    events = [NoteEvent(0.0, 0.1, 60, 80), NoteEvent(1.5, 0.1, 64, 80), NoteEvent(1.9, 3.0, 67, 80)]
    ends_s = [event.start_s + event.duration_s for event in pedalled(events, 2.0)]
    assert ends_s == pytest.approx([2.0, 2.0, 4.9])


def test_the_pedal_goes_down_with_a_note_that_comes_with_the_change():
    change_s = WALTZ.bar_s
    for bar in range(1, 20):
        at_s = np.nextafter(bar * change_s, 0.0)  # as sums of beats come out
        (event,) = pedalled([NoteEvent(at_s, 0.1, 40, 80)], change_s)
        assert event.duration_s == pytest.approx(change_s)


@pytest.mark.parametrize("harmony", [C_MAJOR, WALTZ], ids=["four", "three"])
def test_low_chords_of_the_left_hand_have_no_thirds(harmony):
    for seed in range(60):
        events = hands_events(BY_LEAF["piano"], harmony, DURATION_S, np.random.default_rng(seed))
        struck_together = [{e.note for e in events if e.start_s == start.start_s} for start in events]
        for notes in struck_together:
            deep = sorted(note for note in notes if note < 45)
            assert all(b - a >= 5 for a, b in itertools.pairwise(deep))


def test_strummed_and_picked_strings_ring_together():
    guitar = BY_LEAF["acoustic_guitar"]
    together = [
        max(len(sounding_at(events, at)) for at in np.arange(0.3, 5.0, 0.1))
        for seed in range(40)
        if (events := plucked_events(guitar, C_MAJOR, DURATION_S, np.random.default_rng(seed)))
    ]
    assert np.median(together) >= 3


@pytest.mark.parametrize(("leaf", "n_strings"), [("ukulele", 4), ("mandolin", 4), ("banjo", 5), ("harp", 6)])
def test_no_more_strings_sound_in_a_chord_than_there_are(leaf, n_strings):
    most = 0
    for seed in range(40):
        events = plucked_events(BY_LEAF[leaf], WALTZ, DURATION_S, np.random.default_rng(seed))
        bars = [{e.note for e in events if WALTZ.bar_at(e.start_s) == bar} for bar in range(5)]
        most = max(most, *(len(notes) for notes in bars))
    assert most == n_strings


def test_overdriven_guitars_play_fifths():
    guitar = next(preset for preset in PRESETS if preset.program == 30)
    events = plucked_events(guitar, C_MAJOR, DURATION_S, np.random.default_rng(0))
    intervals = {
        b.note - a.note for a in events for b in events if a.start_s == b.start_s and b.note > a.note
    }
    assert intervals <= {5, 7, 12}
    assert 7 in intervals


def test_bowed_strings_sound_two_at_a_time():
    for seed in range(20):
        events = double_stops(BY_LEAF["cello"], C_MAJOR, DURATION_S, np.random.default_rng(seed))
        starts = [event.start_s for event in events]
        assert {starts.count(start) for start in starts} == {2}


def test_parts_sound_without_gaps():
    for seed in range(20):
        events = parts_events(BY_LEAF["choir"], C_MAJOR, DURATION_S, np.random.default_rng(seed))
        counts = [len(sounding_at(events, at)) for at in np.arange(0.05, 5.9, 0.1)]
        assert np.mean(np.array(counts) >= 2) > 0.9


@pytest.mark.parametrize("harmony", [C_MAJOR, WALTZ], ids=["four", "three"])
def test_a_bass_stands_on_the_root_where_a_bar_begins_and_plays_one_note_at_a_time(harmony):
    for seed in range(40):
        events = bass_events(BY_LEAF["double_bass"], harmony, DURATION_S, np.random.default_rng(seed))
        for bar in range(harmony.n_bars(DURATION_S)):
            (first,) = [e for e in events if math.isclose(e.start_s, bar * harmony.bar_s, abs_tol=1e-6)]
            assert first.note % 12 == harmony.classes(bar)[0]
        for event, following in itertools.pairwise(events):
            assert event.start_s + event.duration_s <= following.start_s + 1e-9


def test_nobody_trills_faster_than_fingers_go():
    for seed in range(200):
        events = phrase_events(BY_LEAF["flute"], 0, DURATION_S, np.random.default_rng(seed))
        gaps_s = np.diff([event.start_s for event in events])
        assert gaps_s.min() > 0.06


def test_the_same_stroke_in_two_roundings_is_one():
    later = np.nextafter(1.0, 2.0)
    events = [NoteEvent(1.0, 0.5, 60, 80), NoteEvent(later, 0.5, 60, 80), NoteEvent(1.2, 0.5, 60, 80)]
    assert [(e.start_s, e.duration_s) for e in struck_anew(events)] == [
        (later, pytest.approx(0.2)),
        (1.2, 0.5),
    ]


def test_percussion_strikes_one_instrument():
    events = stroke_events(DRUM_NOTES["tom"], DURATION_S, np.random.default_rng(0))
    assert len({event.note for event in events}) == 1


def test_a_kit_has_kick_and_snare_in_every_bar():
    for groove in GROOVES:
        assert groove.sure[KICK]
        assert groove.sure[SNARE]
    missing = []
    for seed in range(100):
        events = kit_events(DURATION_S, np.random.default_rng(seed))
        assert all(1 <= event.velocity <= 127 and event.start_s < DURATION_S for event in events)
        for drum in (KICK, SNARE):
            starts = np.array([event.start_s for event in events if event.note == drum])
            # In as long a stretch as decides what a mix is labelled with.
            missing += [not np.any((starts >= at) & (starts < at + 1.5)) for at in np.arange(0.0, 4.5, 0.5)]
    assert np.mean(missing) < 0.05


def test_kits_have_fills_on_toms():
    kits = [
        {event.note for event in kit_events(DURATION_S, np.random.default_rng(seed))} for seed in range(100)
    ]
    with_toms = [len(kit & set(TOMS)) >= 3 for kit in kits]
    assert 0.1 < np.mean(with_toms) < 0.6
