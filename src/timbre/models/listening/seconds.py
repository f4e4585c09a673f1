"""What is known of every second of some files of a listening test: songs with their score, or their stems.

`<name>.mid` beside `<name>.opus` is the score that the song was rendered from. `<name>_vocals` beside
`<name>_mix` is the song's voice alone, which says when somebody sings.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from timbre.data.label_maps import truth_of_leaves
from timbre.data.waveform import read_waveform
from timbre.features.midi_truth import lag_of_sound, midi_notes, sounding
from timbre.models.metrics import Bools
from timbre.taxonomy import BY_ID, OPENMIC, level_of

SINGING_DB, SILENT_DB = -25.0, -45.0  # of a second against the loudest one; between the two nobody could say
LONGEST_S = 3_600.0


@dataclass(frozen=True)
class SecondTruth:
    """Targets and known of every second at OpenMIC's labels, `(n_seconds, 20)` each."""

    targets: Bools
    known: Bools


def truth_of_score(song: Path) -> tuple[SecondTruth, float] | None:
    """From the score beside a song, with the lag of the sound; None where the two do not go together."""
    waveform, rate_hz = read_waveform(song, LONGEST_S)
    notes = midi_notes(song.with_suffix(".mid"))
    lag_s = lag_of_sound(notes, waveform, rate_hz)
    if lag_s is None:
        return None
    n_seconds = -(-len(waveform) // rate_hz)
    shape = (n_seconds, len(OPENMIC))
    targets, known = np.zeros(shape, bool), np.zeros(shape, bool)
    heard = zip(*sounding(notes, n_seconds, lag_s), strict=True)
    for second, (leaves, hardly, foreign) in enumerate(heard):
        truth = truth_of_leaves(leaves)
        targets[second] = _reached_by(truth.present)
        # A label is absent where all of its leaves are, and none of them sounds a little.
        is_open = _reached_by(hardly.union(BY_ID.keys() - set(truth.absent)))
        known[second] = targets[second] | ~(is_open | foreign)
    return SecondTruth(targets, known), lag_s


def _reached_by(leaves: Iterable[str]) -> Bools:
    """Which of OpenMIC's labels these leaves reach, `(20,)`."""
    return np.isin(OPENMIC, [label for leaf in leaves if (label := level_of(leaf, "openmic"))])


def truth_of_vocals(vocals: Path) -> SecondTruth:
    """When somebody sings, from the voice alone; nothing is said about other labels."""
    waveform, rate_hz = read_waveform(vocals, LONGEST_S)
    n_seconds = -(-len(waveform) // rate_hz)
    seconds = np.pad(waveform, (0, n_seconds * rate_hz - len(waveform))).reshape(n_seconds, rate_hz)
    power = (seconds**2).mean(axis=1)
    level_db = 10 * np.log10(np.maximum(power, 1e-12) / max(float(power.max()), 1e-12))
    voice = OPENMIC.index("voice")
    shape = (n_seconds, len(OPENMIC))
    targets, known = np.zeros(shape, bool), np.zeros(shape, bool)
    targets[:, voice] = level_db > SINGING_DB
    known[:, voice] = (level_db > SINGING_DB) | (level_db < SILENT_DB)
    return SecondTruth(targets, known)
