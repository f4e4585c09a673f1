"""A tagged song for the eye: a row an instrument, with its course through the song."""

import numpy as np
from numpy.typing import NDArray

from timbre.models.tagged_song import TaggedSong

_COLUMNS = 60  # of the course
_LEVELS = " ▁▂▃▄▅▆▇█"
_QUIET_ROWS = 3  # shown of a song in which nothing reaches its threshold


def table(song: TaggedSong) -> str:
    """The instruments that reach their threshold, the most present first.

    `share` is the part of the song in which the instrument is at or above its threshold, `from` the
    second of its first such moment, `max` its greatest probability.
    """
    over = song.probabilities >= song.thresholds
    share = over.mean(axis=0)
    order = np.lexsort((-song.probabilities.max(axis=0), -share))
    heard = [i for i in order if share[i] > 0]
    length = "" if song.duration_s is None else _minutes(song.duration_s)
    title = f"{song.name}  {length}  model {song.model}"
    if not heard:
        best = np.argsort(-song.probabilities.max(axis=0))[:_QUIET_ROWS]
        guesses = ", ".join(f"{song.labels[i]} {song.probabilities[:, i].max():.0%}" for i in best)
        return f"{title}\n  no instrument reaches its threshold (highest: {guesses})\n\n"
    width = max(len(song.labels[i]) for i in heard)
    lines = [title, f"  {'instrument':<{max(width, 10)}} share  from   max"]
    for i in heard:
        first = float(song.bounds_s[np.argmax(over[:, i]), 0])
        numbers = f"{share[i]:5.0%} {_minutes(first):>5} {song.probabilities[:, i].max():5.0%}"
        name = f"{song.labels[i]:<{max(width, 10)}}"
        lines.append(f"  {name} {numbers}  {_course(song.probabilities[:, i])}".rstrip())
    return "\n".join(lines) + "\n\n"


def _course(row: NDArray[np.float32]) -> str:
    """Probabilities as a row of blocks, at most `_COLUMNS` wide (the greatest in each)."""
    parts = np.array_split(row, min(len(row), _COLUMNS))
    return "".join(_LEVELS[min(8, int(part.max() * 9))] for part in parts)


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
