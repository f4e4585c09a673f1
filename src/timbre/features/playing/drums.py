"""Strokes of one percussion instrument, and grooves of a whole kit in the manner of some styles."""

from dataclasses import dataclass

import numpy as np

from timbre.features.note_events import NoteEvent, struck_anew
from timbre.features.playing.harmony import TEMPI_BPM

KICK, SIDE_STICK, SNARE, OPEN_HAT, CRASH, RIDE, CLOSED_HAT, PEDAL_HAT = 36, 37, 38, 46, 49, 51, 42, 44
TOMS = (50, 48, 47, 45, 43, 41)  # from high to low
_STROKE_S = 0.1
_FILL_SHARE, _CRASH_SHARE, _FILL_SNARES, _FILL_BEATS = 0.5, 0.4, 0.4, (1, 2)


@dataclass(frozen=True)
class Groove:
    """One bar on a grid: which steps each drum is struck on, surely or by chance.

    Attributes
    ----------
    n_steps
        Of a bar; 16 are sixteenths, 12 the triplets of swing.
    sure
        Steps by drum.
    chance
        By drum the share of all steps that are struck besides.
    time_keepers
        What keeps the time, one of them, on one of the lists of steps.
    tempi_bpm
        Quick enough that a second and a half is hardly ever without kick or snare: so it is labelled.
    """

    n_steps: int
    sure: dict[int, tuple[int, ...]]
    chance: dict[int, float]
    time_keepers: tuple[int, ...]
    time_steps: tuple[tuple[int, ...], ...]
    tempi_bpm: tuple[float, float] = (75.0, 170.0)


_EIGHTHS, _SIXTEENTHS, _QUARTERS = tuple(range(0, 16, 2)), tuple(range(16)), (0, 4, 8, 12)
GROOVES = (
    Groove(16, {KICK: (0,), SNARE: (4, 12)}, {KICK: 0.15, SNARE: 0.04},
           (CLOSED_HAT, CLOSED_HAT, RIDE, OPEN_HAT), (_EIGHTHS, _EIGHTHS, _SIXTEENTHS, _QUARTERS)),
    Groove(16, {KICK: _QUARTERS, SNARE: (4, 12)}, {}, (OPEN_HAT, CLOSED_HAT), ((2, 6, 10, 14), _SIXTEENTHS)),
    Groove(16, {KICK: (0,), SNARE: (8,)}, {KICK: 0.2, SNARE: 0.03}, (CLOSED_HAT,), (_EIGHTHS, _SIXTEENTHS),
           (140.0, 200.0)),
    Groove(12, {KICK: (0,), PEDAL_HAT: (3, 9), SNARE: (8,)}, {SNARE: 0.12, KICK: 0.06},
           (RIDE, RIDE, CLOSED_HAT), ((0, 3, 5, 6, 9, 11), (0, 3, 6, 9), (0, 3, 5, 6, 8, 9, 11)),
           (140.0, 230.0)),
    Groove(16, {KICK: (0, 6, 8, 14), SNARE: (3, 11), SIDE_STICK: (0, 6, 12)}, {TOMS[3]: 0.06},
           (CLOSED_HAT, RIDE), (_EIGHTHS,)),
    Groove(16, {KICK: (0, 8), SNARE: (4, 12)}, {TOMS[4]: 0.25, TOMS[2]: 0.15, SNARE: 0.08},
           (CLOSED_HAT, CRASH), (_QUARTERS, (0,))),
)  # fmt: skip


def kit_events(duration_s: float, rng: np.random.Generator) -> list[NoteEvent]:
    """A groove with a fill before some bars; kick and snare in every bar."""
    groove = GROOVES[int(rng.integers(len(GROOVES)))]
    bar_s = 240.0 / rng.uniform(*groove.tempi_bpm)
    hits = _hits(groove, rng)
    is_filled, opens_with_crash = rng.random() < _FILL_SHARE, rng.random() < _CRASH_SHARE
    loudness = rng.uniform(0.6, 1.0)
    strokes = [(0.0, CRASH)] if opens_with_crash else []
    for bar in range(int(np.ceil(duration_s / bar_s))):
        bar_hits = _filled(groove, hits, rng) if is_filled and bar % 2 else hits
        strokes += [
            ((bar + step / groove.n_steps) * bar_s, drum)
            for drum, steps in bar_hits.items()
            for step in steps
        ]
    return struck_anew(
        NoteEvent(at_s, _STROKE_S, drum, int(loudness * rng.integers(70, 127)))
        for at_s, drum in strokes
        if at_s < duration_s
    )


def _hits(groove: Groove, rng: np.random.Generator) -> dict[int, set[int]]:
    """The steps of every drum, for all bars of a phrase."""
    hits = {drum: set(steps) for drum, steps in groove.sure.items()}
    for drum, share in groove.chance.items():
        hits.setdefault(drum, set()).update(np.flatnonzero(rng.random(groove.n_steps) < share).tolist())
    keeper = groove.time_keepers[int(rng.integers(len(groove.time_keepers)))]
    steps = groove.time_steps[int(rng.integers(len(groove.time_steps)))]
    hits.setdefault(keeper, set()).update(steps)
    return hits


def _filled(groove: Groove, hits: dict[int, set[int]], rng: np.random.Generator) -> dict[int, set[int]]:
    """The same bar with a fill at its end: down the toms, with snares between; the sure strokes stay."""
    n_filled = int(rng.choice(_FILL_BEATS)) * groove.n_steps // 4
    first = groove.n_steps - n_filled
    filled = {
        drum: {step for step in steps if step < first or step in groove.sure.get(drum, ())}
        for drum, steps in hits.items()
    }
    for step in range(n_filled):
        is_snare = rng.random() < _FILL_SNARES
        drum = SNARE if is_snare else TOMS[step * len(TOMS) // n_filled]
        filled.setdefault(drum, set()).add(first + step)
    return filled


def stroke_events(notes: tuple[int, ...], duration_s: float, rng: np.random.Generator) -> list[NoteEvent]:
    """Strokes of one percussion instrument: a pattern of one bar in sixteenths, repeated."""
    sixteenth_s = 15.0 / rng.uniform(*TEMPI_BPM)
    pattern = rng.random(16) < rng.choice([0.12, 0.25, 0.5])
    pattern[int(rng.integers(4))] = True
    note = int(rng.choice(notes))
    steps = range(int(duration_s / sixteenth_s) + 1)
    return struck_anew(
        NoteEvent(step * sixteenth_s, _STROKE_S, note, int(rng.integers(50, 127)))
        for step in steps
        if pattern[step % 16]
    )
