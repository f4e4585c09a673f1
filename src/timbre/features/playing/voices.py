"""Many players or singers in three to five parts."""

import numpy as np

from timbre.features.general_midi import Preset
from timbre.features.note_events import NoteEvent
from timbre.features.playing.harmony import Harmony
from timbre.features.playing.line import LINES, played, struck

_N_PARTS = (3, 6)
_MOVING_SHARE = 0.5  # of the phrases: the highest part has a tune
_OVERLAP = (0.98, 1.08)  # of a chord into the next


def parts_events(
    preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """Chords wide apart, changing by the bar or its half, with or without a tune on top."""
    n_parts = int(rng.integers(*_N_PARTS))
    low = int(rng.integers(preset.low, preset.low + 13))
    top = int(rng.integers(min(low + 24, preset.high - 1), preset.high + 1))
    velocity, step_s = int(rng.integers(40, 115)), harmony.bar_s / int(rng.integers(1, 3))
    is_moving = rng.random() < _MOVING_SHARE
    events = []
    for step in range(int(duration_s / step_s) + 1):
        chord = harmony.chord(harmony.bar_at(step * step_s), low, top)
        places = np.unique(np.linspace(0, len(chord) - 1, n_parts).round().astype(int))
        held_s = step_s * rng.uniform(*_OVERLAP)
        events += [
            NoteEvent(step * step_s, held_s, chord[place], struck(velocity, rng))
            for place in (places[:-1] if is_moving else places)
        ]
    if is_moving:
        scale = harmony.notes(max(low, top - 12), top)
        events += played(scale, str(rng.choice(LINES[:4])), 0.0, duration_s, harmony.beat_s, rng)
    return events
