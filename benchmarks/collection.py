"""The collection of the data benchmarks: notes, phrases, strokes and noises, 44.1 kHz stereo.

In the formats of the public data sets: notes as mp3, phrases as wav, long clips as ogg.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import soundfile as sf

from timbre.data.table import COLUMNS, write_table
from timbre.files import file_sha256
from timbre.taxonomy import BY_ID

RATE_HZ = 44_100
FORMATS = {"note": ".mp3", "clip": ".ogg"}  # all else: .wav
N_PLAYERS, CLIPS_EACH = 3, 4
# Kind, seconds, lowest fundamental in Hz, partials; without a fundamental it is noise.
SOUNDS = {
    "cello": ("note", 1.5, 90.0, 12),
    "violin": ("phrase", 8.0, 300.0, 10),
    "flute": ("clip", 10.0, 500.0, 4),
    "piano": ("clip", 10.0, 150.0, 8),
    "trumpet": ("note", 1.0, 350.0, 14),
    "electric_bass": ("phrase", 6.0, 50.0, 6),
    "snare_drum": ("one-shot", 0.4, 0.0, 0),
    "kick_drum": ("one-shot", 0.5, 45.0, 1),
    "": ("noise", 5.0, 0.0, 0),
}


def make_collection(folder: Path) -> pd.DataFrame:
    """Write the recordings and their table into `folder` and return the table."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        _row(folder, leaf, player, number)
        for leaf in SOUNDS
        for player in range(N_PLAYERS)
        for number in range(CLIPS_EACH)
    ]
    table = pd.DataFrame(rows)
    write_table(table, folder)
    return table


def _row(folder: Path, leaf: str, player: int, number: int) -> dict[str, object]:
    kind, duration_s, lowest_hz, partials = SOUNDS[leaf]
    rng = np.random.default_rng([*leaf.encode(), player, number])
    path = folder / f"{leaf or 'noise'}_{player}_{number}{FORMATS.get(kind, '.wav')}"
    sound = _sound(duration_s, lowest_hz * 2 ** rng.uniform(0, 1), partials, rng)
    sf.write(path, np.stack([sound, 0.8 * sound], axis=1), RATE_HZ)
    present = [leaf] if leaf else []
    return dict.fromkeys(COLUMNS, "") | {
        "clip_id": path.stem,
        "path": path.name,
        "dataset": "benchmark",
        "present": present,
        "absent": sorted(set(BY_ID) - set(present)),
        "any_of": [],
        "group": f"{leaf or 'noise'}_{player}",
        "split": "train",
        "license": "CC0-1.0",
        "duration_s": duration_s,
        "sha256": file_sha256(path),
        "root": str(folder.resolve()),
        "kind": kind,
        "shippable": True,
        "key": -1,
    }


def _sound(duration_s: float, lowest_hz: float, partials: int, rng: np.random.Generator) -> np.ndarray:
    time_s = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    beats = np.exp(-3.0 * (time_s % 0.5))  # struck twice a second
    if lowest_hz == 0.0:
        return 0.1 * rng.standard_normal(len(time_s)) * beats
    waves = [np.sin(2 * np.pi * lowest_hz * k * time_s) / k for k in range(1, partials + 1)]
    return 0.2 * np.sum(waves, axis=0) * beats
