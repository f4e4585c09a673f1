"""One phrase of any instrument: in its own manner, or a plain tune.

Each has a key, a tempo and a chord for every bar, so that renderings are like playing and not like a
test of single samples.
"""

from collections.abc import Callable

import numpy as np

from timbre.features.general_midi import Playing, Preset
from timbre.features.note_events import NoteEvent, struck_anew
from timbre.features.playing.bass import bass_events
from timbre.features.playing.hands import hands_events
from timbre.features.playing.harmony import Harmony
from timbre.features.playing.line import line_events
from timbre.features.playing.strings import double_stops, plucked_events
from timbre.features.playing.voices import parts_events

_Idiom = Callable[[Preset, Harmony, float, np.random.Generator], list[NoteEvent]]
# What one has of its own, and how often it is played.
IDIOMS: dict[Playing, tuple[_Idiom, float]] = {
    "hands": (hands_events, 0.65),
    "plucked": (plucked_events, 0.6),
    "bowed": (double_stops, 0.2),
    "bass": (bass_events, 0.65),
    "parts": (parts_events, 0.65),
}


def phrase_events(preset: Preset, key: int, duration_s: float, rng: np.random.Generator) -> list[NoteEvent]:
    """Notes of one phrase of `preset` in `key` (0 = C ... 11 = B), major or minor by chance."""
    return played_events(preset, Harmony.drawn(key, rng), duration_s, rng)


def played_events(
    preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """The same to chords that others play to as well."""
    idiom, share = IDIOMS.get(preset.playing, (line_events, 1.0))
    play = idiom if rng.random() < share else line_events
    return struck_anew(play(preset, harmony, duration_s, rng))
