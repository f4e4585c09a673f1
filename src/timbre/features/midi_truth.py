"""Which leaves sound in each second of a song that was rendered from a MIDI file.

Program and drum note say what plays (`general_midi`). A program without a leaf leaves its second's other
labels open, since nobody can say what a listener would call it.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

import mido
import numpy as np
from numpy.typing import NDArray

from timbre.errors import TimbreError
from timbre.features.general_midi import DRUM_CHANNEL, DRUM_NOTES, PRESETS

SOUNDING_S = 0.1  # of a second, for a note to count in it
DRUM_RING_S = 0.15  # the key of a drum is let go at once, its sound rings on
LEAST_KIT_PIECES = 2  # so many different drums in a second are a kit
SILENCE_DB = -50.0  # against the loudest 10 ms: before that, the sound has not begun
LEAST_CORRELATION = 0.12  # of onsets, for sound and score to belong together
_HOP_S = 0.01
_STEPS = 10  # to either side of the first sound
_FLOOR = 1e-6  # of power
_ONSETS_AT_ONCE = 4
_RISE_AT_ONCE = 2.0  # of the logarithm of the power

_LEAF_OF_PROGRAM = {preset.program: preset.leaf for preset in PRESETS if preset.bank == 0}
_LEAF_OF_DRUM = {note: leaf for leaf, notes in DRUM_NOTES.items() for note in notes}

Note = tuple[float, float, str | None]  # start, end, leaf


def midi_notes(path: Path) -> list[Note]:
    """Every note of the file; the leaf is None for a program that has none.

    Raises
    ------
    TimbreError
        When it is no MIDI file.
    """
    programs: dict[int, int] = defaultdict(int)
    held: dict[tuple[int, int], tuple[float, str | None]] = {}
    notes: list[Note] = []
    now_s = 0.0
    for message in _messages(path):
        now_s += message.time
        if message.type == "program_change":
            programs[message.channel] = message.program
        elif message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            if key in held:
                start_s, leaf = held.pop(key)
                notes.append((start_s, now_s + _ring_s(message.channel), leaf))
            if message.type == "note_on" and message.velocity > 0:
                held[key] = (now_s, _leaf(*key, programs[message.channel]))
    return notes


def _messages(path: Path) -> list[Any]:
    """Each with the seconds since the one before."""
    try:
        return list(mido.MidiFile(path))
    except Exception as error:  # whatever mido stumbles over
        raise TimbreError("file_unreadable", f"{path} cannot be read as a MIDI file.") from error


def _ring_s(channel: int) -> float:
    return DRUM_RING_S if channel == DRUM_CHANNEL else 0.0


def _leaf(channel: int, note: int, program: int) -> str | None:
    return _LEAF_OF_DRUM.get(note) if channel == DRUM_CHANNEL else _LEAF_OF_PROGRAM.get(program)


def sounding(
    notes: list[Note], n_seconds: int, lag_s: float = 0.0
) -> tuple[list[set[str]], list[set[str]], list[bool]]:
    """For each second the leaves that sound, those that hardly do, and whether something without a leaf does.

    Parameters
    ----------
    lag_s
        The sound is so much later than the score.
    """
    leaves: list[set[str]] = [set() for _ in range(n_seconds)]
    hardly: list[set[str]] = [set() for _ in range(n_seconds)]
    foreign = [False] * n_seconds
    for start_s, end_s, leaf in notes:
        first_s, last_s = start_s + lag_s, end_s + lag_s
        for second in range(max(0, int(first_s)), min(n_seconds, int(last_s) + 1)):
            is_long = min(last_s, second + 1) - max(first_s, second) >= SOUNDING_S
            if leaf:
                (leaves if is_long else hardly)[second].add(leaf)
            else:
                foreign[second] |= is_long
    for present in leaves:
        if len(present & set(_LEAF_OF_DRUM.values())) >= LEAST_KIT_PIECES:
            present.add("drum_kit")
    return leaves, hardly, foreign


def lag_of_sound(notes: list[Note], waveform: NDArray[np.float32], rate_hz: int) -> float | None:
    """How much later the sound is than the score, in seconds; None where the two do not go together.

    Music repeats itself, and a bar later the onsets fit nearly as well. So the first sound is taken for the
    first note, and only around that the score's onsets are laid over the rises of the power.
    """
    hop = int(_HOP_S * rate_hz)
    frames = waveform[: len(waveform) // hop * hop].reshape(-1, hop)
    if not notes or not frames.any():
        return None
    power = (frames**2).mean(axis=1)
    levels = np.log(_FLOOR + power)
    rises = np.clip(np.diff(levels, prepend=levels[:1]), 0.0, _RISE_AT_ONCE)
    starts_s = np.array([start_s for start_s, _, _ in notes])
    first_s = float(np.argmax(power > power.max() * 10 ** (SILENCE_DB / 10))) * _HOP_S
    steps = np.arange(-_STEPS, _STEPS + 1) * _HOP_S
    lags_s = first_s - starts_s.min() + steps
    fits = [_fit(rises, starts_s + lag_s) for lag_s in lags_s]
    best = int(np.argmax(fits))
    return round(float(lags_s[best]), 3) if fits[best] >= LEAST_CORRELATION else None


def _fit(rises: NDArray[np.float32], starts_s: NDArray[np.float64]) -> float:
    """Correlation of rises, one every `_HOP_S`, with onsets at these times."""
    places = np.floor(starts_s / _HOP_S).astype(int)
    there = places[(places >= 0) & (places < len(rises))]
    onsets = np.minimum(np.bincount(there, minlength=len(rises)), _ONSETS_AT_ONCE)
    if np.ptp(onsets) == 0 or np.ptp(rises) == 0:
        return 0.0
    return float(np.corrcoef(rises, onsets)[0, 1])
