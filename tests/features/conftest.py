"""A small collection that the tests make: tones, strokes and noise of several sources, and its table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from timbre.features.material import decode_table
from timbre.files import file_sha256
from timbre.taxonomy import BY_ID

RATE_HZ = 32_000
SPLIT_OF_SOURCE = {"ann": "train", "bob": "validation", "cy": "test"}
KIND_OF_LABEL = {"cello": "note", "flute": "phrase", "snare_drum": "one-shot", "noise": "noise"}


def tone(frequency_hz: float, duration_s: float, partials: int) -> np.ndarray:
    time_s = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    waves = [np.sin(2 * np.pi * frequency_hz * k * time_s) / k for k in range(1, partials + 1)]
    return 0.3 * np.sum(waves, axis=0) * np.minimum(1.0, 20 * (duration_s - time_s))


def stroke(seed: int) -> np.ndarray:
    time_s = np.arange(int(0.3 * RATE_HZ)) / RATE_HZ
    return 0.5 * np.random.default_rng(seed).standard_normal(len(time_s)) * np.exp(-20 * time_s)


def row(root: Path, path: Path, source: str, label: str) -> dict:
    """A row of the metadata table as the contract has it."""
    present = [] if label == "noise" else [label]
    return {
        "clip_id": f"{source}:{path.relative_to(root)}",
        "path": str(path.relative_to(root)),
        "dataset": source,
        "present": present,
        "absent": sorted(set(BY_ID) - set(present)),
        "any_of": [],
        "group": f"{source}/{label}",
        "split": SPLIT_OF_SOURCE[source],
        "license": "CC0-1.0",
        "duration_s": sf.info(path).duration,
        "sha256": file_sha256(path),
        "root": str(root),
        "kind": KIND_OF_LABEL[label],
        "shippable": True,
        "key": -1,
    }


@pytest.fixture(scope="session")
def recordings(tmp_path_factory) -> Path:
    """`<source>/<label>/*.wav`: cello notes, flute phrases, snare strokes, noise."""
    root = tmp_path_factory.mktemp("recordings")
    for s, source in enumerate(SPLIT_OF_SOURCE):
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
    paths = sorted(recordings.rglob("*.wav"))
    return pd.DataFrame([row(recordings, path, *path.relative_to(recordings).parts[:2]) for path in paths])


@pytest.fixture(scope="session")
def decoded(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("decoded")


@pytest.fixture(scope="session")
def index(table, decoded) -> pd.DataFrame:
    return decode_table(table, decoded)
