import json

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from timbre.features.material import Material, decode_table
from timbre.features.windows import Windows
from timbre.files import file_sha256
from timbre.models.clip_windows import (
    WINDOWS_PER_CLIP,
    clip_labels,
    render_clips,
    windows_of_clip,
)
from timbre.models.tagger import Tagger
from timbre.taxonomy import BY_ID

RATE_HZ = 32_000
DURATIONS_S = {"short": 0.2, "middle": 2.5, "long": 12.0}


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """Decoded clips of three lengths a split; of one it is only known which instruments it may hold."""
    root = tmp_path_factory.mktemp("clips")
    rng, rows = np.random.default_rng(0), []
    for split in ("train", "validation", "test"):
        for name, duration_s in DURATIONS_S.items():
            path = root / f"{split}_{name}.wav"
            sf.write(path, 0.2 * rng.standard_normal(int(duration_s * RATE_HZ)), RATE_HZ)
            present = ["tuba"] if name != "long" else ["flute"]
            absent = sorted(set(BY_ID) - {"tuba", "flute", "shaker"})
            rows.append((path.name, str(root), present, absent, [], split, duration_s, file_sha256(path)))
    path = root / "unknown.wav"
    sf.write(path, 0.2 * rng.standard_normal(RATE_HZ), RATE_HZ)
    rows.append((path.name, str(root), [], [], ["flute|tuba"], "train", 1.0, file_sha256(path)))
    columns = ["path", "root", "present", "absent", "any_of", "split", "duration_s", "sha256"]
    table = pd.DataFrame(rows, columns=columns)
    return decode_table(table.assign(clip_id=table["path"]), root / "decoded"), root / "decoded"


def test_labels_are_those_that_sound_in_training(collection):
    assert clip_labels(collection[0]) == ("flute", "tuba")


def test_windows_are_those_that_the_service_hears(collection, tiny_model):
    index, decoded = collection
    row = int(np.flatnonzero(index["path"] == "train_middle.wav")[0])
    windows = windows_of_clip(Material(index, decoded), row)
    path = decoded / "again.wav"
    sf.write(path, Material(index, decoded).waveform(row), RATE_HZ, subtype="FLOAT")
    heard = [segment.probabilities for segment in Tagger.from_pretrained(tiny_model).tag(path)]
    assert len(windows) == len(heard) == 3
    tagger = Tagger.from_pretrained(tiny_model)
    np.testing.assert_allclose(tagger.probabilities(windows.astype(np.float32)), heard, atol=2e-3)


def test_long_clips_give_some_windows_spread_over_them(collection):
    index, decoded = collection
    material = Material(index, decoded)
    counts = {
        path: len(windows_of_clip(material, row)) for row, path in enumerate(index["path"]) if "train" in path
    }
    assert counts == {"train_short.wav": 1, "train_middle.wav": 3, "train_long.wav": WINDOWS_PER_CLIP}


def test_every_split_is_rendered_with_what_is_known(collection, tmp_path):
    index, decoded = collection
    render_clips(index, decoded, ("flute", "shaker", "tuba"), tmp_path)
    windows = Windows(tmp_path / "train")
    assert len(windows) == 1 + 3 + WINDOWS_PER_CLIP  # the clip of which nothing is known is not there
    assert windows.targets.sum(axis=0).tolist() == [WINDOWS_PER_CLIP, 0, 4]
    assert windows.known.sum(axis=0).tolist() == [WINDOWS_PER_CLIP, 0, 4]  # the rest is unknown
    assert len(Windows(tmp_path / "test")) == len(windows)


def test_what_is_there_is_kept_and_what_changed_is_cut_again(collection, tmp_path):
    index, decoded = collection
    render_clips(index, decoded, ("flute", "tuba"), tmp_path)
    shard = tmp_path / "train" / "log_mel_00000.npy"
    before = shard.stat().st_mtime_ns
    render_clips(index, decoded, ("flute", "tuba"), tmp_path)
    assert shard.stat().st_mtime_ns == before
    render_clips(index[index["path"] != "train_short.wav"], decoded, ("flute", "tuba"), tmp_path)
    assert len(Windows(tmp_path / "train")) == 3 + WINDOWS_PER_CLIP
    assert json.loads((tmp_path / "train" / "labels.json").read_text()) == ["flute", "tuba"]
