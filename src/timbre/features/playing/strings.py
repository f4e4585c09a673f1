"""Plucked strings in chords, strummed or picked; bowed strings two at a time."""

import numpy as np

from timbre.features.general_midi import Preset
from timbre.features.note_events import NoteEvent
from timbre.features.playing.harmony import Harmony
from timbre.features.playing.line import played, struck

OVERDRIVEN = (29, 30)  # programs: guitars that play fifths
N_STRINGS = {"ukulele": 4, "mandolin": 4, "banjo": 5}  # and six where it is not said
_FEWEST_STRINGS = 3  # sounding in a chord
_STRUM_S = (0.004, 0.025)  # from string to string
_STRUM_SHARE, _MUTED_SHARE = 0.55, 0.12
_MUTED_S, _SHORTEST_S = 0.15, 0.05  # of its time, and at least so long
_EIGHTHS = 2  # to a beat
_INTERVALS = (2, 4, 5, 7)  # steps of the scale between two bowed strings: third, fifth, sixth, octave


def plucked_events(
    preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """Chords strummed or picked; fifths of overdriven guitars."""
    if preset.leaf == "electric_guitar" and preset.program in OVERDRIVEN and preset.bank == 0:
        return _fifths(preset, harmony, duration_s, rng)
    if rng.random() < _STRUM_SHARE:
        return _strummed(preset, harmony, duration_s, rng)
    return _picked(preset, harmony, duration_s, rng)


def double_stops(
    preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """Two strings bowed at once: a tune over a lower one, or over a string that stays."""
    low = int(rng.integers(preset.low, max(preset.low + 1, preset.high - 24)))
    scale = harmony.notes(low, min(low + 24, preset.high))
    interval = int(rng.choice(_INTERVALS))
    manner = str(rng.choice(("melody", "legato", "held")))
    upper = played(scale[interval:], manner, 0.0, duration_s, harmony.beat_s, rng)
    is_drone = rng.random() < 0.25
    both = []
    for event in upper:
        under = scale[0] if is_drone else scale[scale.index(event.note) - interval]
        both += [NoteEvent(event.start_s, event.duration_s, under, event.velocity), event]
    return both


def _n_strings(preset: Preset, rng: np.random.Generator) -> int:
    return int(rng.integers(_FEWEST_STRINGS, N_STRINGS.get(preset.leaf, 6) + 1))


def _lowest(preset: Preset, rng: np.random.Generator) -> int:
    """Chords reach two octaves and more above it, where the instrument does."""
    return int(rng.integers(preset.low, max(preset.low + 1, preset.high - 26)))


def _voicing(preset: Preset, harmony: Harmony, bar: int, low: int, n_strings: int) -> list[int]:
    return harmony.chord(bar, harmony.root(bar, low), preset.high)[:n_strings]


def _strummed(
    preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator
) -> list[NoteEvent]:
    """One pattern of eighths in every bar, down on the beats and up between them."""
    n_steps = harmony.n_beats * _EIGHTHS
    is_struck = rng.random(n_steps) < rng.choice([0.3, 0.6, 0.9])
    is_struck[0] = True
    lowest, n_strings = _lowest(preset, rng), _n_strings(preset, rng)
    gap_s, velocity = rng.uniform(*_STRUM_S), int(rng.integers(50, 120))
    eighth_s = harmony.beat_s / _EIGHTHS
    steps = [step for step in range(int(duration_s / eighth_s) + 1) if is_struck[step % n_steps]]
    events: list[NoteEvent] = []
    for step, following in zip(steps, [*steps[1:], steps[-1] + n_steps], strict=True):
        chord = _voicing(preset, harmony, step // n_steps, lowest, n_strings)
        ring_s = (following - step) * eighth_s * (_MUTED_S if rng.random() < _MUTED_SHARE else 0.98)
        events += _strum(
            chord if step % _EIGHTHS == 0 else chord[::-1], step * eighth_s, ring_s, gap_s, velocity, rng
        )
    return events


def _strum(
    chord: list[int], at_s: float, ring_s: float, gap_s: float, velocity: int, rng: np.random.Generator
) -> list[NoteEvent]:
    """String after string, all until the same moment."""
    return [
        NoteEvent(at_s + place * gap_s, max(_SHORTEST_S, ring_s - place * gap_s), note, struck(velocity, rng))
        for place, note in enumerate(chord)
    ]


def _picked(preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator) -> list[NoteEvent]:
    """Strings of a chord one after another, each ringing until the chord changes."""
    lowest, n_strings = _lowest(preset, rng), _n_strings(preset, rng)
    order = rng.integers(0, n_strings, harmony.n_beats * 4)
    order[0] = 0
    step_s = harmony.beat_s * float(rng.choice([0.25, 0.5, 0.5]))
    velocity = int(rng.integers(45, 115))
    events = []
    for step in range(int(duration_s / step_s) + 1):
        bar = harmony.bar_at(step * step_s)
        chord = _voicing(preset, harmony, bar, lowest, n_strings)
        note = chord[min(int(order[step % len(order)]), len(chord) - 1)]
        ring_s = max(step_s, (bar + 1) * harmony.bar_s - step * step_s)
        events.append(NoteEvent(step * step_s, ring_s, note, struck(velocity, rng)))
    return events


def _fifths(preset: Preset, harmony: Harmony, duration_s: float, rng: np.random.Generator) -> list[NoteEvent]:
    """Roots with their fifths in eighths, some of them damped by the palm."""
    lowest, velocity = int(rng.integers(preset.low, preset.low + 13)), int(rng.integers(70, 120))
    step_s = harmony.beat_s * float(rng.choice([0.25, 0.5, 0.5, 1.0, harmony.n_beats]))
    damped_share = rng.choice([0.0, 0.3, 0.8])
    events = []
    for step in range(int(duration_s / step_s) + 1):
        root = harmony.root(harmony.bar_at(step * step_s), lowest)
        held_s = step_s * (0.3 if rng.random() < damped_share else 0.97)
        chord = [root, *harmony.notes(root + 7, root + 7), *([root + 12] if rng.random() < 0.5 else [])]
        events += [NoteEvent(step * step_s, held_s, note, struck(velocity, rng)) for note in chord]
    return events
