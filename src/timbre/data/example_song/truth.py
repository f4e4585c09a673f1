"""What can truly be heard in every second, measured on each instrument's own sound.

An instrument is *present* in a second when a note of it is held there and its loudness is within
`PRESENT_LU` of the whole song's in that second. It is *faint* when it is quieter, or only a tail
of it is left: a tagger is neither right nor wrong about it. Everything else is absent. The pieces
of the drum kit are measured the same way and told apart from the instruments.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbre.data.example_song.loudness import Stereo, segment_loudness
from timbre.data.example_song.midi import Event
from timbre.data.example_song.notation import KIT_PIECES
from timbre.data.example_song.score import DURATION_S, TITLE
from timbre.data.example_song.stems import only, render

SCHEMA_VERSION = 1
PRESENT_LU = -20.0  # of the whole song's loudness in that second
FAINT_LU = -40.0
QUIETEST_LUFS = -60.0  # below it nothing can be heard
DRUM_KIT = "drum_kit"

Levels = dict[str, NDArray[np.float64]]  # LUFS of every second


def kit_stems(tracks: Mapping[str, list[Event]], soundfont: Path) -> dict[str, Stereo]:
    """The sound of each piece of the drum kit by itself."""
    tracks_of_pieces = {piece: only(tracks[DRUM_KIT], keys) for piece, keys in KIT_PIECES.items()}
    return {piece: render(events, soundfont, DURATION_S) for piece, events in tracks_of_pieces.items()}


def held(events: list[Event]) -> NDArray[np.bool_]:
    """Whether some note of the track is held in each second, `(DURATION_S,)`."""
    seconds = np.zeros(DURATION_S, dtype=np.bool_)
    started: dict[int, float] = {}
    for event in events:
        if event.message.type == "note_on":
            started[event.message.note] = event.time_s
        elif event.message.type == "note_off":
            first = started.pop(event.message.note)
            seconds[int(first) : int(event.time_s) + 1] = True
    return seconds


def measure(
    tracks: Mapping[str, list[Event]],
    stems: Mapping[str, Stereo],
    pieces: Mapping[str, Stereo],
    song: Stereo,
    soundfont_name: str,
) -> dict[str, Any]:
    """The content of `truth.json`.

    Parameters
    ----------
    stems, pieces
        The sound of each instrument and of each piece of the kit, at the song's level.
    song
        Their sum.
    """
    instruments = {name: segment_loudness(stem) for name, stem in stems.items()}
    kit = {name: segment_loudness(stem) for name, stem in pieces.items()}
    played = {name: held(events) for name, events in tracks.items()}
    played |= {piece: held(only(tracks[DRUM_KIT], keys)) for piece, keys in KIT_PIECES.items()}
    whole = segment_loudness(song)
    return {
        "schema_version": SCHEMA_VERSION,
        "title": TITLE,
        "soundfont": soundfont_name,
        "duration_s": float(DURATION_S),
        "rule": {"present_lu": PRESENT_LU, "faint_lu": FAINT_LU, "quietest_lufs": QUIETEST_LUFS},
        "instruments": list(instruments),
        "kit_pieces": list(kit),
        "segments": [_segment(i, whole[i], instruments, kit, played) for i in range(DURATION_S)],
    }


def _segment(
    index: int, whole_lufs: float, instruments: Levels, kit: Levels, played: Mapping[str, NDArray[np.bool_]]
) -> dict[str, Any]:
    present, faint = _judge(index, whole_lufs, instruments, played)
    present_pieces, faint_pieces = _judge(index, whole_lufs, kit, played)
    audible = present + faint + present_pieces + faint_pieces
    levels = instruments | kit
    return {
        "index": index,
        "start_s": float(index),
        "end_s": float(index + 1),
        "present": present,
        "faint": faint,
        "kit_present": present_pieces,
        "kit_faint": faint_pieces,
        "loudness_lufs": {name: round(float(levels[name][index]), 1) for name in audible},
    }


def _judge(
    index: int, whole_lufs: float, levels: Levels, played: Mapping[str, NDArray[np.bool_]]
) -> tuple[list[str], list[str]]:
    """The names that are present in this second, and those that are faint."""
    present: list[str] = []
    faint: list[str] = []
    for name, lufs in levels.items():
        relative_lu = lufs[index] - whole_lufs
        if lufs[index] < QUIETEST_LUFS or relative_lu < FAINT_LU:
            continue
        loud = relative_lu >= PRESENT_LU and played[name][index]
        (present if loud else faint).append(name)
    return present, faint
