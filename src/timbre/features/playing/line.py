"""Tunes: one note after another, mostly by step; also in chords, where one player can."""

import numpy as np

from timbre.features.general_midi import Preset
from timbre.features.note_events import NoteEvent
from timbre.features.playing.harmony import Harmony

LINES = ("melody", "legato", "staccato", "held", "repeated", "run", "trill")
CHORDS = ("chords", "arpeggio") * 2  # as often as half of the lines
REST_SHARE = 0.08
NO_TRILLS = ("trombone", "tuba", "timpani", "chime", "double_bass", "electric_bass", "synth_bass", "choir")
RANGE = 19  # semitones: an octave and a half
_BEATS = {
    "held": (2.0, 4.0, 4.0),
    "chords": (1.0, 2.0, 4.0, 0.5),
    "arpeggio": (0.25, 0.5),
    "repeated": (0.25, 0.5, 0.5),
    "run": (0.25,),
    "trill": (0.125,),
}
_STEPS = {"arpeggio": (2, 2, -2, -2, 4, -4), "run": (1,), "trill": (1, -1)}
_HELD = {"staccato": (0.2, 0.5), "legato": (1.0, 1.15), "run": (0.8, 1.1)}
_TRILL_ENDS, _RUN_TURNS = 0.06, 0.08
_SHORTEST_STEP_S = 0.065  # fifteen notes a second


def line_events(
    preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """A tune in one manner."""
    lines = LINES[:-1] if preset.leaf in NO_TRILLS else LINES
    manner = str(rng.choice((*lines, *CHORDS) if preset.chords else lines))
    low = int(rng.integers(preset.low, max(preset.low + 1, preset.high - RANGE + 2)))
    scale = harmony.notes(low, min(low + RANGE - 1, preset.high))
    return played(scale, manner, 0.0, duration_s, harmony.beat_s, rng)


def played(
    scale: list[int],
    manner: str,
    start_s: float,
    end_s: float,
    beat_s: float,
    rng: np.random.Generator,
) -> list[NoteEvent]:
    """Notes of `scale` in a manner of `LINES` or `CHORDS`, from one time to another."""
    velocity = int(rng.integers(45, 120))
    events: list[NoteEvent] = []
    at_s, position = start_s, int(rng.integers(len(scale)))
    direction = 1 if rng.random() < 0.5 else -1
    while at_s < end_s:
        step_s = _step_s(manner, beat_s, rng)
        position, direction = _next(position, direction, len(scale), manner, rng)
        if rng.random() > REST_SHARE or not events:  # now and then a rest
            held_s = step_s * rng.uniform(*_HELD.get(manner, (0.85, 1.1)))
            notes = _notes_at(position, scale, manner, rng)
            events += [NoteEvent(at_s, held_s, note, struck(velocity, rng)) for note in notes]
        at_s += step_s
    return events


def _step_s(manner: str, beat_s: float, rng: np.random.Generator) -> float:
    """Seconds to the next note."""
    step_s = beat_s * float(rng.choice(_BEATS.get(manner, (0.25, 0.5, 0.5, 1.0, 1.0, 2.0))))
    return step_s if step_s >= _SHORTEST_STEP_S else 2 * step_s


def struck(velocity: int, rng: np.random.Generator) -> int:
    """About as hard as `velocity`."""
    return int(np.clip(velocity + rng.integers(-12, 13), 1, 127))


def _next(position: int, direction: int, n: int, manner: str, rng: np.random.Generator) -> tuple[int, int]:
    """The next place in the scale, and whether a run goes up or down."""
    if manner == "trill":
        moved = int(rng.integers(n)) if rng.random() < _TRILL_ENDS else position + direction
        return (moved, -direction) if 0 <= moved < n else (position, -direction)
    if manner == "run":
        if not 0 <= position + direction < n or rng.random() < _RUN_TURNS:
            direction = -direction
        return int(np.clip(position + direction, 0, n - 1)), direction
    if manner == "repeated" and rng.random() < 0.8:
        return position, direction
    moved = position + int(rng.choice(_STEPS.get(manner, (-2, -1, -1, 1, 1, 2))))
    return (moved if 0 <= moved < n else int(rng.integers(n))), direction


def _notes_at(position: int, scale: list[int], manner: str, rng: np.random.Generator) -> list[int]:
    if manner != "chords":
        return [scale[position]]
    thirds = [position + 2 * k for k in range(int(rng.integers(2, 5)))]
    return [scale[index] for index in thirds if index < len(scale)]
