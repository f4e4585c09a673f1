"""Random but musical notes for one instrument: what a soundfont is asked to play.

A phrase has a key, a tempo and a manner (melody, chords, arpeggio, held, repeated); notes come
from the scale of the key, mostly by step, so that renderings are like playing and not like a test
of single samples.
"""

from dataclasses import dataclass

import numpy as np

from timbre.features.general_midi import Preset
from timbre.features.scales import MAJOR, MINOR

TEMPI_BPM = (60.0, 170.0)
MANNERS = ("melody", "staccato", "held", "repeated", "chords", "arpeggio")


@dataclass(frozen=True)
class NoteEvent:
    """A note: when it starts and how long its key is held, MIDI note and velocity (1 to 127)."""

    start_s: float
    duration_s: float
    note: int
    velocity: int


def phrase_events(preset: Preset, key: int, duration_s: float, rng: np.random.Generator) -> list[NoteEvent]:
    """Notes of one phrase of `preset` in `key` (0 = C ... 11 = B), major or minor by chance."""
    manner = str(rng.choice(MANNERS if preset.chords else MANNERS[:4]))
    scale = _scale_notes(preset, key, rng)
    beat_s = 60.0 / rng.uniform(*TEMPI_BPM)
    velocity = int(rng.integers(45, 120))
    events: list[NoteEvent] = []
    start_s, position = 0.0, int(rng.integers(len(scale)))
    while start_s < duration_s:
        step_s = beat_s * _step_beats(manner, rng)
        position = _next_position(position, len(scale), manner, rng)
        if rng.random() > 0.08 or not events:  # now and then a rest
            held_s = step_s * (rng.uniform(0.2, 0.5) if manner == "staccato" else rng.uniform(0.85, 1.1))
            events += [
                NoteEvent(start_s, held_s, note, int(np.clip(velocity + rng.integers(-12, 13), 1, 127)))
                for note in _notes_at(position, scale, manner, rng)
            ]
        start_s += step_s
    return events


def _scale_notes(preset: Preset, key: int, rng: np.random.Generator) -> list[int]:
    """Notes of the key within an octave and a half somewhere in the preset's range."""
    steps = {(key + step) % 12 for step in (MAJOR if rng.random() < 0.5 else MINOR)}
    low = int(rng.integers(preset.low, max(preset.low + 1, preset.high - 17)))
    return [note for note in range(low, min(low + 19, preset.high + 1)) if note % 12 in steps]


def _step_beats(manner: str, rng: np.random.Generator) -> float:
    """Beats from one onset to the next."""
    choices = {
        "held": (2.0, 4.0, 4.0),
        "chords": (1.0, 2.0, 4.0, 0.5),
        "arpeggio": (0.25, 0.5),
        "repeated": (0.25, 0.5, 0.5),
    }.get(manner, (0.25, 0.5, 0.5, 1.0, 1.0, 2.0))
    return float(rng.choice(choices))


def _next_position(position: int, n: int, manner: str, rng: np.random.Generator) -> int:
    if manner == "repeated" and rng.random() < 0.8:
        return position
    leap = int(rng.choice([-2, -1, -1, 1, 1, 2] if manner != "arpeggio" else [2, 2, -2, -2, 4, -4]))
    moved = position + leap
    return moved if 0 <= moved < n else int(rng.integers(n))


def _notes_at(position: int, scale: list[int], manner: str, rng: np.random.Generator) -> list[int]:
    if manner != "chords":
        return [scale[position]]
    thirds = [position + 2 * k for k in range(int(rng.integers(2, 5)))]
    return [scale[index] for index in thirds if index < len(scale)]


def percussion_events(notes: tuple[int, ...], duration_s: float, rng: np.random.Generator) -> list[NoteEvent]:
    """Strokes of one percussion instrument: a pattern of one bar in sixteenths, repeated."""
    sixteenth_s = 15.0 / rng.uniform(*TEMPI_BPM)
    pattern = rng.random(16) < rng.choice([0.12, 0.25, 0.5])
    pattern[int(rng.integers(4))] = True
    note = int(rng.choice(notes))
    steps = range(int(duration_s / sixteenth_s) + 1)
    return [
        NoteEvent(step * sixteenth_s, 0.1, note, int(rng.integers(50, 127)))
        for step in steps
        if pattern[step % 16]
    ]


def drum_kit_events(duration_s: float, rng: np.random.Generator) -> list[NoteEvent]:
    """A beat: kick, snare and hi-hat or ride on a grid of sixteenths."""
    sixteenth_s = 15.0 / rng.uniform(*TEMPI_BPM)
    every = int(rng.choice([1, 2, 2, 4]))
    time_keeper = int(rng.choice([42, 42, 42, 46, 51]))
    kick, snare = rng.random(16) < 0.18, rng.random(16) < 0.06
    kick[0], snare[[4, 12]] = True, True
    events = []
    for step in range(int(duration_s / sixteenth_s) + 1):
        struck = [(36, kick[step % 16]), (38, snare[step % 16]), (time_keeper, step % every == 0)]
        events += [
            NoteEvent(step * sixteenth_s, 0.1, note, int(rng.integers(60, 127)))
            for note, hit in struck
            if hit
        ]
    return events
