"""Two hands on a keyboard: an accompaniment, a tune above it, and a pedal."""

from dataclasses import replace

import numpy as np

from timbre.features.general_midi import Preset
from timbre.features.note_events import NoteEvent
from timbre.features.playing.harmony import Harmony
from timbre.features.playing.line import CHORDS, LINES, played, struck

SPLIT = (48, 67)  # MIDI notes: what is under it is the left hand's
_LEFT_NOTES, _RIGHT_NOTES = 24, 24  # semitones that a hand ranges over in one phrase
PEDAL_SHARE = 0.6  # of the phrases of what has one
PEDALLED = ("piano", "electric_piano")
_ALONE_SHARE = 0.15  # of the phrases: one hand rests
_SOFTER = 14  # of velocity: the accompaniment
_DEEP = 45  # MIDI note: chords that stand lower have no thirds
# Beats between strokes (None: a bar), and for each in turn which notes of the chord, from its lowest on.
_LEFT = {
    "held": (None, ((0, 1, 2),)),
    "blocks": (1.0, ((0, 1, 2),)),
    "alberti": (0.5, ((0,), (2,), (1,), (2,))),
    "broken": (0.5, ((0,), (1,), (2,), (3,), (4,), (3,), (2,), (1,))),
    "rolling": (0.25, ((0,), (2,), (3,), (4,), (5,), (4,), (3,), (2,))),
    "walking": (1.0, ((0,), (1,), (2,), (1,))),
}
_IN_FOUR = {"octaves": (2.0, ((0, 3),)), "stride": (1.0, ((0,), (1, 2, 3), (0,), (1, 2, 3)))}
_IN_THREE = {"waltz": (1.0, ((0,), (1, 2, 3), (1, 2, 3)))}
_ROUNDING = 1e-6  # sums of beats come out a hair before the change that they begin
_DOUBLED_SHARE = 0.35  # of the tunes: with another note of the chord under every note


def hands_events(
    preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """Both hands in one harmony, or one alone."""
    split = int(np.clip(rng.integers(*SPLIT), preset.low + 12, preset.high - 12))
    right = _tune(harmony, split, min(split + _RIGHT_NOTES, preset.high), duration_s, rng)
    left = _accompaniment(harmony, max(preset.low, split - _LEFT_NOTES), split, duration_s, rng)
    if rng.random() < _ALONE_SHARE:
        left, right = (left, []) if rng.random() < 0.5 else ([], right)
    events = sorted([*left, *right], key=lambda event: (event.start_s, event.note))
    is_pedalled = preset.leaf in PEDALLED and rng.random() < PEDAL_SHARE
    return pedalled(events, harmony.bar_s / int(rng.integers(1, 3))) if is_pedalled else events


def pedalled(events: list[NoteEvent], change_s: float) -> list[NoteEvent]:
    """With the pedal down from change to change: a note rings at least until the next."""
    ends_s = [(int(event.start_s / change_s + _ROUNDING) + 1) * change_s for event in events]
    return [
        replace(event, duration_s=max(event.duration_s, end_s - event.start_s))
        for event, end_s in zip(events, ends_s, strict=True)
    ]


def _tune(
    harmony: Harmony, low: int, high: int, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    manner = str(rng.choice((*LINES, *CHORDS)))
    tune = played(harmony.notes(low, high), manner, 0.0, duration_s, harmony.beat_s, rng)
    if manner in LINES and manner != "trill" and rng.random() < _DOUBLED_SHARE:
        tune = [one for event in tune for one in (*_under(event, harmony, low), event)]
    return tune


def _under(event: NoteEvent, harmony: Harmony, low: int) -> list[NoteEvent]:
    """The note of the chord at least a third under it, or the octave."""
    lower = harmony.chord(harmony.bar_at(event.start_s), max(low, event.note - 12), event.note - 3)
    return [replace(event, note=lower[-1])] if lower else []


def _accompaniment(
    harmony: Harmony, low: int, high: int, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    patterns = _LEFT | (_IN_THREE if harmony.n_beats == 3 else _IN_FOUR)
    beats, strokes = patterns[str(rng.choice(list(patterns)))]
    step_s = harmony.beat_s * (beats or harmony.n_beats)
    velocity = int(rng.integers(45, 110)) - _SOFTER
    share = rng.uniform(0.4, 1.05)  # of its time that a stroke is held
    events: list[NoteEvent] = []
    for bar in range(harmony.n_bars(duration_s)):
        chord = _voicing(harmony, bar, low, high)
        for number in range(round(harmony.bar_s / step_s)):
            at_s = bar * harmony.bar_s + number * step_s
            notes = {chord[min(place, len(chord) - 1)] for place in strokes[number % len(strokes)]}
            events += [NoteEvent(at_s, step_s * share, note, struck(velocity, rng)) for note in sorted(notes)]
    return [event for event in events if event.start_s < duration_s]


def _voicing(harmony: Harmony, bar: int, low: int, high: int) -> list[int]:
    """The notes of the chord that the left hand reaches, from a root on."""
    root = harmony.root(bar, low)
    chord = harmony.chord(bar, root, high)
    return [note for note in chord if note == root or note >= root + 7] if root < _DEEP else chord
