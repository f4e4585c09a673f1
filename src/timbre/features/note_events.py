"""A note of a phrase."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

_SHORTEST_S = 1e-3  # what is shorter is the same stroke twice, in another rounding


@dataclass(frozen=True)
class NoteEvent:
    """A note: when it starts and how long its key is held, MIDI note and velocity (1 to 127)."""

    start_s: float
    duration_s: float
    note: int
    velocity: int


def struck_anew(events: Iterable[NoteEvent]) -> list[NoteEvent]:
    """In time, and each note over when it is struck again: its key goes up before it goes down."""
    next_s: dict[int, float] = {}
    out: list[NoteEvent] = []
    for event in sorted(events, key=lambda one: (one.start_s, one.note), reverse=True):
        left_s = next_s.get(event.note, math.inf) - event.start_s
        if left_s > _SHORTEST_S:
            out.append(replace(event, duration_s=min(event.duration_s, left_s)))
            next_s[event.note] = event.start_s
    return out[::-1]
