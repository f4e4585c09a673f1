"""A small collection that the tests make: tones, strokes and noise of several sources, and its table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from timbre.data.own_folder import Clip, table_of
from timbre.features.material import decode_table
from timbre.features.splits import assign_splits

RATE_HZ = 32_000
SOURCES = ("ann", "bob", "cy")


def tone(frequency_hz: float, duration_s: float, partials: int) -> np.ndarray:
    time_s = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    waves = [np.sin(2 * np.pi * frequency_hz * k * time_s) / k for k in range(1, partials + 1)]
    return 0.3 * np.sum(waves, axis=0) * np.minimum(1.0, 20 * (duration_s - time_s))


def stroke(seed: int) -> np.ndarray:
    time_s = np.arange(int(0.3 * RATE_HZ)) / RATE_HZ
    return 0.5 * np.random.default_rng(seed).standard_normal(len(time_s)) * np.exp(-20 * time_s)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory) -> Path:
    """`<source>/<label>/*.wav`: cello notes, flute phrases, snare strokes, noise."""
    root = tmp_path_factory.mktemp("recordings")
    for s, source in enumerate(SOURCES):
        for number in range(5):
            sounds = {
                "cello": tone(80.0 + 20 * number + 7 * s, 1.2, 8),
                "flute": tone(900.0 + 70 * number + 11 * s, 4.0 + s, 2),
                "snare_drum": stroke(10 * s + number),
                "noise": 0.1 * np.random.default_rng(number).standard_normal(2 * RATE_HZ),
            }
            for label, sound in sounds.items():
                path = root / source / label / f"{label}{number}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                sf.write(path, sound, RATE_HZ)
    return root


@pytest.fixture(scope="session")
def table(recordings) -> pd.DataFrame:
    clips = [
        Clip(str(path.relative_to(recordings)), ("" if label == "noise" else label,), source, kind=kind)
        for path in sorted(recordings.rglob("*.wav"))
        for source, label in [path.relative_to(recordings).parts[:2]]
        for kind in [{"cello": "note", "snare_drum": "one-shot"}.get(label, "phrase")]
    ]
    rows = assign_splits(table_of(recordings, clips))
    # Three sources are too few for the rules to hold one out of each side, so the names decide.
    rows["split"] = rows["dataset"].map({"ann": "train", "bob": "validation", "cy": "test"})
    return rows


@pytest.fixture(scope="session")
def decoded(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("decoded")


@pytest.fixture(scope="session")
def index(table, decoded) -> pd.DataFrame:
    return decode_table(table, decoded)
