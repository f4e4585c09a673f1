"""Single notes and strokes of one source sequenced into a phrase, as its player might.

Most real recordings are single notes, and no song is made of single notes: without this a model
learns attacks in silence.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.features.effects.slices import reassembled

Waveform = NDArray[np.float32]
MANNERS = ("melody", "legato", "chords", "roll", "single")
MANNER_SHARES = (0.35, 0.25, 0.15, 0.1, 0.15)
STROKE_MANNER_SHARES = (0.5, 0.0, 0.0, 0.25, 0.25)
TO_AND_FRO_SHARE = 0.3  # of the clips that are too short; the others are repeated
_FADE_S = 0.02
_RATE_HZ = FRONT_END.sample_rate_hz


def note_phrase(
    notes: Callable[[int], Waveform],
    n_notes: int,
    n_samples: int,
    beat_s: float,
    rng: np.random.Generator,
    *,
    strokes: bool = False,
) -> Waveform:
    """Sequence notes on a grid of `beat_s`.

    Parameters
    ----------
    notes
        Gives the waveform of note `0 ... n_notes - 1`.
    strokes
        Percussion: notes ring out and are never chords.

    Returns
    -------
    waveform
        `(n_samples,)`. Playing began before it does and goes on after it, except for a single note.
    """
    shares = STROKE_MANNER_SHARES if strokes else MANNER_SHARES
    manner = str(rng.choice(MANNERS, p=shares))
    out = np.zeros(n_samples, dtype=np.float32)
    if manner == "single":
        add_at(out, notes(int(rng.integers(n_notes))), int(rng.uniform(-0.1, 0.7) * n_samples))
        return out
    for start_s, duration_s in _onsets(manner, n_samples / _RATE_HZ, beat_s, rng):
        held_s = duration_s * (1.05 if manner == "legato" else rng.uniform(0.5, 1.3))
        for _ in range(int(rng.integers(2, 5)) if manner == "chords" else 1):
            note = notes(int(rng.integers(n_notes)))
            shortened = note if strokes else faded(note[: max(1, int(held_s * _RATE_HZ))])
            add_at(out, shortened * rng.uniform(0.6, 1.0), int(start_s * _RATE_HZ))
    return out


def _onsets(
    manner: str, length_s: float, beat_s: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """(start, seconds to the next), beginning before 0 so that a note may already sound."""
    choices = {"roll": (0.25,), "chords": (1.0, 2.0, 4.0), "legato": (0.5, 1.0, 2.0)}
    steps = choices.get(manner, (0.25, 0.5, 0.5, 1.0, 2.0))
    start_s, onsets = -rng.uniform(0.0, 2.0) * beat_s, []
    while start_s < length_s:
        step_s = beat_s * float(rng.choice(steps))
        if rng.random() > 0.1:
            onsets.append((start_s, step_s))
        start_s += step_s
    return onsets


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


def faded(waveform: Waveform) -> Waveform:
    """With a short fade at its end, where it was cut."""
    n = min(len(waveform), int(_FADE_S * _RATE_HZ))
    if n == 0:
        return waveform
    out = waveform.copy()
    out[-n:] *= np.linspace(1.0, 0.0, n, dtype=np.float32)
    return out


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
