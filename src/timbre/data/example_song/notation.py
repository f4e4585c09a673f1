"""A short notation for music: tunes, broken chords, chords and drum grids as text.

Bars are counted from 1, beats from 0 at the start of the song.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

BEATS_PER_BAR = 4
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "#": 1, "b": -1}
_NAME = re.compile(r"([A-G])([#b]?)(-?\d)")

# General MIDI's drum map, and the leaf that each piece of the kit is.
DRUM_KEYS = {
    "kick": 36, "rim": 37, "snare": 38, "closed_hat": 42, "open_hat": 46, "low_tom": 45, "high_tom": 48,
    "crash": 49, "ride": 51,
}  # fmt: skip
KIT_PIECES = {
    "kick_drum": (36,),
    "snare_drum": (37, 38),
    "closed_hi_hat": (42,),
    "open_hi_hat": (46,),
    "tom": (45, 48),
    "cymbal": (49, 51),
}
_DRUM_VELOCITIES = {"X": 108, "x": 88, "o": 58}
_DRUM_BEATS = 0.2


@dataclass(frozen=True)
class Note:
    """A note as written; `pitch` and `velocity` are MIDI's, 0 to 127."""

    start_beat: float
    beats: float
    pitch: int
    velocity: int


def bar(number: int) -> float:
    """The beat on which a bar begins."""
    return float((number - 1) * BEATS_PER_BAR)


def pitch(name: str) -> int:
    """The MIDI number of a note name: A4 is 69, C4 is 60.

    Raises
    ------
    ValueError
        When it is no note name.
    """
    match = _NAME.fullmatch(name)
    if not match:
        raise ValueError(f"not a note: {name!r}")
    letter, accidental, octave = match.groups()
    return 12 * (int(octave) + 1) + _SEMITONES[letter] + _ACCIDENTALS[accidental]


def tune(first_bar: int, text: str, velocity: int) -> list[Note]:
    """One voice, `"F#5 1.5, E5 .5"`: names with their beats, one after the other."""
    notes, beat = [], bar(first_bar)
    for word in text.split(","):
        name, beats = word.split()
        notes.append(Note(beat, float(beats), pitch(name), velocity))
        beat += float(beats)
    return notes


def figure(number: int, text: str, step_beats: float, velocity: int) -> list[Note]:
    """A broken chord in one bar, a step each, `.` a rest; every note rings to the end of the bar."""
    start, end = bar(number), bar(number + 1)
    steps = [(start + i * step_beats, name) for i, name in enumerate(text.split())]
    return [Note(beat, end - beat, pitch(name), velocity) for beat, name in steps if name != "."]


def chord(start_beat: float, text: str, beats: float, velocity: int, roll: float = 0.0) -> list[Note]:
    """All at once, or rolled from the bottom with `roll` beats between the notes."""
    names = enumerate(text.split())
    return [Note(start_beat + i * roll, beats - i * roll, pitch(name), velocity) for i, name in names]


def grid(number: int, pattern: Mapping[str, str]) -> list[Note]:
    """Drums of one bar: for each piece a row of sixteenths, `.` a rest, else a key of the velocities."""
    return [
        Note(bar(number) + step / 4, _DRUM_BEATS, DRUM_KEYS[piece], _DRUM_VELOCITIES[mark])
        for piece, row in pattern.items()
        for step, mark in enumerate(row)
        if mark != "."
    ]


def playable(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes in order of time, each ending where its key is struck again; of two at once, the longer."""
    kept: dict[tuple[int, float], Note] = {}
    following: dict[int, float] = {}
    for note in sorted(notes, key=lambda note: (-note.start_beat, -note.beats)):
        if (note.pitch, note.start_beat) not in kept:
            beats = min(note.beats, following.get(note.pitch, float("inf")) - note.start_beat)
            kept[note.pitch, note.start_beat] = replace(note, beats=beats)
            following[note.pitch] = note.start_beat
    return tuple(sorted(kept.values(), key=lambda note: (note.start_beat, note.pitch)))
