"""Single notes and strokes of one source sequenced into a phrase, as its player might.

Most real recordings are single notes, and no song is made of single notes: without this a model
learns attacks in silence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.features.effects.slices import reassembled
from timbre.taxonomy import BY_ID

Waveform = NDArray[np.float32]
TO_AND_FRO_SHARE = 0.3  # of the clips that are too short; the others are repeated
RINGING_SHARE = 0.5  # of the phrases of what rings: with the pedal down, or strings left sounding
_BLOWN_KEYBOARDS = ("organ", "accordion")
TWO_HANDS_SHARE = 0.6  # of the phrases of who has two for the notes
_LEAST_NOTES_OF_TWO_HANDS = 8  # more than are made of a single one
_FADE_S = 0.02
_SLUR_S = 0.04  # a slurred note comes in without its attack
_SLURRED_ATTACK_S = (0.03, 0.1)
_RATE_HZ = FRONT_END.sample_rate_hz


@dataclass(frozen=True)
class Manner:
    """A way to play: beats from note to note, steps among the notes from low to high.

    `held` is how much of its time a note is held, `voices` how many sound together.
    """

    share: float
    beats: tuple[float, ...]
    steps: tuple[int, ...]
    held: tuple[float, float] = (0.5, 1.2)
    voices: tuple[int, int] = (1, 1)
    slurred: bool = False


_LEAP = 99  # a step over the end goes anywhere
_TUNE = (-2, -1, -1, -1, 0, 1, 1, 1, 2, _LEAP)
TUNES = {
    "melody": Manner(0.3, (0.25, 0.5, 0.5, 1.0, 1.0, 2.0), _TUNE),
    "legato": Manner(0.25, (0.5, 0.5, 1.0, 2.0), _TUNE, (1.0, 1.0), slurred=True),
    "held": Manner(0.15, (2.0, 4.0), _TUNE, (0.9, 1.1)),
    "chords": Manner(0.15, (0.5, 1.0, 2.0, 4.0), (-2, -1, 0, 0, 1, 2), (0.4, 1.2), voices=(2, 4)),
    "arpeggio": Manner(0.1, (0.25, 0.5), (2, 2, 1, -4, -3), (0.8, 2.0)),
    "repeated": Manner(0.05, (0.25, 0.5), (0, 0, 0, 0, 1, -1), (0.3, 0.9)),
}
STROKES = {
    "beats": Manner(0.6, (0.25, 0.5, 0.5, 1.0, 2.0), (_LEAP,)),
    "roll": Manner(0.4, (0.25,), (_LEAP,)),
}
SINGLE_SHARE = 0.12  # one note alone
REST_SHARE = 0.1


def is_struck(leaf: str) -> bool:
    """Whether the instrument has no tunes: percussion but mallets."""
    return BY_ID[leaf].family == "percussion" and BY_ID[leaf].parent != "mallets"


def rings(leaf: str) -> bool:
    """Whether a note of the instrument goes on by itself: plucked strings, pianos, mallets."""
    instrument = BY_ID[leaf]
    by_itself = instrument.family in ("plucked", "keyboards") or instrument.parent == "mallets"
    return by_itself and leaf not in _BLOWN_KEYBOARDS


def plays_with_two_hands(leaf: str) -> bool:
    """Whether a player plays low and high notes at once: keyboards and the harp."""
    return BY_ID[leaf].family == "keyboards" or leaf == "harp"


def note_phrase(
    notes: Callable[[int], Waveform],
    n_notes: int,
    n_samples: int,
    beat_s: float,
    leaf: str,
    rng: np.random.Generator,
) -> Waveform:
    """Sequence notes on a grid of `beat_s` as an instrument of this leaf is played.

    Parameters
    ----------
    notes
        Gives the waveform of note `0 ... n_notes - 1`, from low to high.

    Returns
    -------
    waveform
        `(n_samples,)`. Playing began before it does and goes on after it, except for a single note.
    """
    out = np.zeros(n_samples, dtype=np.float32)
    if rng.random() < SINGLE_SHARE:
        add_at(out, notes(int(rng.integers(n_notes))), int(rng.uniform(-0.1, 0.7) * n_samples))
        return out
    line = _Line(-rng.uniform(0.0, 2.0) * beat_s, beat_s, is_cut=not _goes_on(leaf, rng))
    manners = STROKES if is_struck(leaf) else TUNES
    hands = [(0, n_notes)]
    if plays_with_two_hands(leaf) and n_notes >= _LEAST_NOTES_OF_TWO_HANDS and rng.random() < TWO_HANDS_SHARE:
        hands = [(0, n_notes // 2), (n_notes // 2, n_notes - n_notes // 2)]
    for lowest, n in hands:
        line.add_to(out, partial(_from, notes, lowest), n, _draw_manner(manners, rng), rng)
    return out


def _from(notes: Callable[[int], Waveform], lowest: int, number: int) -> Waveform:
    return notes(lowest + number)


def _goes_on(leaf: str, rng: np.random.Generator) -> bool:
    """Whether notes sound as long as they were recorded, and not as long as they are held."""
    return is_struck(leaf) or (rings(leaf) and rng.random() < RINGING_SHARE)


@dataclass(frozen=True)
class _Line:
    """When a phrase begins, its beat, and whether its notes are cut when they are no longer held."""

    start_s: float
    beat_s: float
    is_cut: bool

    def add_to(
        self,
        out: Waveform,
        notes: Callable[[int], Waveform],
        n_notes: int,
        manner: Manner,
        rng: np.random.Generator,
    ) -> None:
        """Add a line of notes, a tune or chords, in one manner."""
        place = int(rng.integers(n_notes))
        for start_s, step_s in self._onsets(manner, len(out) / _RATE_HZ, rng):
            place = _next_place(place, n_notes, manner, rng)
            held_s = step_s * rng.uniform(*manner.held) if self.is_cut else None
            for one in _chord(place, n_notes, manner, rng):
                sound = _played(notes(one), held_s, is_slurred=self.is_cut and manner.slurred, rng=rng)
                add_at(out, sound * rng.uniform(0.6, 1.0), int(start_s * _RATE_HZ))

    def _onsets(self, manner: Manner, length_s: float, rng: np.random.Generator) -> list[tuple[float, float]]:
        """(start, seconds to the next), beginning before 0 so that a note may already sound."""
        start_s, onsets = self.start_s, []
        while start_s < length_s:
            step_s = self.beat_s * float(rng.choice(manner.beats))
            if rng.random() >= REST_SHARE:
                onsets.append((start_s, step_s))
            start_s += step_s
        return onsets


def _draw_manner(manners: dict[str, Manner], rng: np.random.Generator) -> Manner:
    choices = list(manners.values())
    shares = np.array([manner.share for manner in choices])
    return choices[int(rng.choice(len(choices), p=shares / shares.sum()))]


def _next_place(place: int, n_notes: int, manner: Manner, rng: np.random.Generator) -> int:
    """One of the manner's steps on; over the end, anywhere."""
    moved = place + int(rng.choice(manner.steps))
    return moved if 0 <= moved < n_notes else int(rng.integers(n_notes))


def _chord(place: int, n_notes: int, manner: Manner, rng: np.random.Generator) -> list[int]:
    """Every other note from `place` on, which in a scale is a chord of thirds."""
    low, high = manner.voices
    return [one for one in range(place, place + 2 * int(rng.integers(low, high + 1)), 2) if one < n_notes]


def _played(note: Waveform, held_s: float | None, *, is_slurred: bool, rng: np.random.Generator) -> Waveform:
    """A note as long as it is held, None: as long as it rings; slurred: from the note before."""
    if held_s is None:
        return note
    attack = int(rng.uniform(*_SLURRED_ATTACK_S) * _RATE_HZ) if is_slurred else 0
    n_samples = max(1, int((held_s + (_SLUR_S if is_slurred else 0.0)) * _RATE_HZ))
    if not is_slurred or len(note) < 2 * attack:
        return faded(note[:n_samples])
    return _faded_in(faded(note[attack : attack + n_samples], _SLUR_S))


def beat_pattern(
    piece: str, stroke: Waveform, n_samples: int, beat_s: float, rng: np.random.Generator
) -> Waveform:
    """One drum of a kit on its usual places in a 4/4 bar, its first beat at sample 0."""
    sixteenth_s = beat_s / 4.0
    hits = rng.random(16) < {"kick_drum": 0.15, "tom": 0.1, "snare_drum": 0.05}.get(piece, 0.0)
    if piece in ("kick_drum", "tr808_kick_drum"):
        hits[[0, 8]] = True
    elif piece in ("snare_drum", "clap"):
        hits[[4, 12]] = True
    elif piece == "cymbal":
        hits[0] = True
    elif piece != "tom":
        hits[:: int(rng.choice([1, 2, 2, 4]))] = True
    out = np.zeros(n_samples, dtype=np.float32)
    for step in range(int(n_samples / _RATE_HZ / sixteenth_s) + 1):
        if hits[step % 16]:
            add_at(out, stroke * rng.uniform(0.6, 1.0), int(step * sixteenth_s * _RATE_HZ))
    return out


def faded(waveform: Waveform, fade_s: float = _FADE_S) -> Waveform:
    """With a fade at its end, where it was cut."""
    n = min(len(waveform), int(fade_s * _RATE_HZ))
    if n == 0:
        return waveform
    out = waveform.copy()
    out[-n:] *= np.linspace(1.0, 0.0, n, dtype=np.float32)
    return out


def _faded_in(waveform: Waveform) -> Waveform:
    """With a fade at its beginning, where the attack was cut off."""
    return faded(waveform[::-1], _SLUR_S)[::-1]


def add_at(out: Waveform, sound: Waveform, start: int) -> None:
    """Add `sound` to `out` from sample `start`, which may lie before or after it."""
    first, last = max(0, start), min(len(out), start + len(sound))
    if first < last:
        out[first:last] += sound[first - start : last - start]


def filled(waveform: Waveform, n_samples: int, rng: np.random.Generator) -> Waveform:
    """A clip that is too short, again and again or to and fro, from any place of it on.

    Not with silence around: where a player sustains, the model would learn that recordings end.
    """
    if rng.random() < TO_AND_FRO_SHARE:
        cycle = np.concatenate([waveform, waveform[-2:0:-1]])
    else:
        cycle = reassembled(waveform, (0,))  # one slice: its ends are softened
    return np.resize(np.roll(cycle, -int(rng.integers(len(cycle)))), n_samples)
