"""Bass lines: walking, in eighths on the root, root and fifth, with octaves and rests."""

import numpy as np

from timbre.features.general_midi import Preset
from timbre.features.note_events import NoteEvent
from timbre.features.playing.harmony import Harmony
from timbre.features.playing.line import struck

_BEATS = {"walking": 1.0, "eighths": 0.5, "fifths": 2.0, "octaves": 0.25}
_SOUNDS = {"walking": 0.97, "eighths": 0.95, "fifths": 1.0, "octaves": 0.55}  # share of steps after the first
_REACH = 22  # semitones from the lowest note of a phrase: a root and its octave
_CHORD_SHARE = 0.6  # of the steps of a walking bass, the others are any of the scale


def bass_events(
    preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """One line under the chords, in one manner; every bar begins with its root."""
    manner = str(rng.choice(list(_BEATS)))
    step_s = harmony.beat_s * _BEATS[manner]
    lowest = int(rng.integers(preset.low, preset.high - _REACH))
    velocity, held = int(rng.integers(60, 120)), rng.uniform(0.45, 1.0)
    events = []
    for bar in range(harmony.n_bars(duration_s)):
        root = harmony.root(bar, lowest)
        for step in range(int(np.ceil(harmony.bar_s / step_s))):
            if step == 0 or rng.random() < _SOUNDS[manner]:
                at_s = bar * harmony.bar_s + step * step_s
                held_s = held * min(step_s, (bar + 1) * harmony.bar_s - at_s)
                note = _note(manner, harmony, bar, step, rng) if step else 0
                events.append(NoteEvent(at_s, held_s, root + note, struck(velocity, rng)))
    return [event for event in events if event.start_s < duration_s]


def _note(manner: str, harmony: Harmony, bar: int, step: int, rng: np.random.Generator) -> int:
    """Semitones above the root, of a step that is not the first of its bar."""
    if manner == "octaves":
        return 12 * int(rng.integers(2))
    root = harmony.classes(bar)[0]
    chord = [note - root for note in harmony.chord(bar, root, root + 11)]
    if manner == "fifths":
        return chord[2] if step % 2 else 0
    if manner == "eighths":
        return 0
    return int(rng.choice(chord if rng.random() < _CHORD_SHARE else _scale_from(harmony, root)))


def _scale_from(harmony: Harmony, root: int) -> list[int]:
    return [note - root for note in harmony.notes(root, root + 11)]
