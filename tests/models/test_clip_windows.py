import json

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from timbre.data.lock import locked
from timbre.errors import TimbreError
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
    path = root / "either.wav"
    sf.write(path, 0.2 * rng.standard_normal(RATE_HZ), RATE_HZ)
    rows.append((path.name, str(root), [], [], ["flute|tuba"], "train", 1.0, file_sha256(path)))
    columns = ["path", "root", "present", "absent", "any_of", "split", "duration_s", "sha256"]
    table = pd.DataFrame(rows, columns=columns)
    return decode_table(table.assign(clip_id=table["path"]), root / "decoded"), root / "decoded"


def test_labels_are_those_that_sound_or_may_in_training(collection):
    index, _ = collection
    assert clip_labels(index) == ("flute", "tuba")
    told = index[index["path"] == "either.wav"].assign(any_of=[["viola|violin"]])
    assert clip_labels(told) == ("violin", "viola")
    assert clip_labels(told.assign(split="test")) == ()


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
    assert len(windows) == 1 + 1 + 3 + WINDOWS_PER_CLIP
    assert windows.targets.sum(axis=0).tolist() == [WINDOWS_PER_CLIP, 0, 4]
    assert windows.known.sum(axis=0).tolist() == [WINDOWS_PER_CLIP, 0, 4]  # the rest is unknown
    assert windows.any_of.shape == (len(windows), 1, 3)
    assert windows.any_of[~windows.known.any(axis=1)].tolist() == [[[1, 0, 1]]]  # flute or tuba
    assert windows.any_of.sum() == 2
    assert Windows(tmp_path / "test").any_of.shape == (len(windows) - 1, 0, 3)


def test_a_group_with_a_leaf_beyond_the_labels_tells_nothing(collection, tmp_path):
    index, decoded = collection
    render_clips(index, decoded, ("flute", "shaker"), tmp_path)
    windows = Windows(tmp_path / "train")
    assert len(windows) == WINDOWS_PER_CLIP  # neither the tubas nor what may be one
    assert windows.any_of.shape == (WINDOWS_PER_CLIP, 0, 2)


def test_windows_of_before_there_were_groups_have_none(collection, tmp_path):
    index, decoded = collection
    render_clips(index[index["path"] != "either.wav"], decoded, ("flute", "tuba"), tmp_path)
    whole = Windows(tmp_path / "train")
    (tmp_path / "train" / "any_of_00000.npy").unlink()
    assert Windows(tmp_path / "train").any_of.shape == whole.any_of.shape == (len(whole), 0, 2)


def test_two_processes_do_not_cut_into_one_folder(collection, tmp_path):
    index, decoded = collection
    folder = tmp_path / "windows"
    with locked(folder / "train"), pytest.raises(TimbreError, match="Another process is writing"):
        render_clips(index, decoded, ("flute", "tuba"), folder)
    render_clips(index, decoded, ("flute", "tuba"), folder)
    with locked(folder / "train"):
        render_clips(index, decoded, ("flute", "tuba"), folder)  # nothing is left to do


def test_what_is_there_is_kept_and_what_changed_is_cut_again(collection, tmp_path):
    index, decoded = collection
    render_clips(index, decoded, ("flute", "tuba"), tmp_path)
    shard = tmp_path / "train" / "log_mel_00000.npy"
    before = shard.stat().st_mtime_ns
    render_clips(index, decoded, ("flute", "tuba"), tmp_path)
    assert shard.stat().st_mtime_ns == before
    render_clips(index[index["path"] != "train_short.wav"], decoded, ("flute", "tuba"), tmp_path)
    assert len(Windows(tmp_path / "train")) == 1 + 3 + WINDOWS_PER_CLIP
    assert json.loads((tmp_path / "train" / "labels.json").read_text()) == ["flute", "tuba"]
