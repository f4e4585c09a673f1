"""The chain from mixes to a checkpoint that the tagger serves, on the smallest material."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
import torch

from timbre.data.metadata import table_of
from timbre.data.own_folder import own_clip
from timbre.data.table import write_table
from timbre.features import soundfonts
from timbre.features.manifest import write_plans
from timbre.features.material import decode_table
from timbre.features.mixer import Mixer
from timbre.features.windows import render_windows
from timbre.models.build import _put_in_place, build_checkpoint
from timbre.models.card import model_card
from timbre.models.checkpoint import MAX_CHECKPOINT_BYTES, load_config
from timbre.models.lineage import FILE_DIGITS
from timbre.models.network import CompactCnn, NetworkConfig
from timbre.models.tagger import Tagger

SMALL = NetworkConfig(stem_channels=4, stages=((8, (2, 2), 0), (8, (2, 2), 0)), head_channels=16)
LABELS = ("cello", "flute", "tuba")
RATE_HZ = 32_000


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> pd.DataFrame:
    root = tmp_path_factory.mktemp("recordings")
    time_s = np.arange(3 * RATE_HZ) / RATE_HZ
    clips = []
    for source in ("ann", "bob", "cy"):
        for label, frequency_hz in {"cello": 100, "flute": 1_500}.items():
            path = root / source / f"{label}.wav"
            path.parent.mkdir(exist_ok=True)
            sf.write(path, 0.3 * np.sin(2 * np.pi * frequency_hz * time_s), RATE_HZ)
            clips.append(own_clip(f"{source}/{label}.wav", (label,), source, file=root, license="CC0"))
    rows, _ = table_of(root, clips)
    rows["split"] = rows["dataset"].map({"ann": "train", "bob": "validation", "cy": "test"})
    held_out = rows[rows["split"] == "validation"].assign(kind=soundfonts.KIND)
    held_out["clip_id"] = "font:" + held_out["clip_id"]
    held_out["group"] = "font/" + held_out["group"]
    duo = rows[rows["split"] == "train"].head(1).assign(kind="mix", dataset="duo", group="duo", clip_id="duo")
    return pd.concat([rows, held_out, duo], ignore_index=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory, table) -> tuple[Path, dict]:
    root = tmp_path_factory.mktemp("built")
    write_table(table, root / "table")
    index = decode_table(table, root / "decoded")
    for split in ("validation", "test"):
        rows = index[index["split"] == split]
        write_plans(Mixer(rows, vary=False), 24, split, 0, root / "windows" / split)
        render_windows(root / "windows" / split, root / "decoded", LABELS)
    torch.manual_seed(0)
    network = CompactCnn(len(LABELS), SMALL)
    network(torch.rand(8, 128, 300) * 80 - 90)
    folders = (root / "table", root / "decoded", root / "windows", root / "out")
    metrics = build_checkpoint(network.eval(), "small", *folders)
    return root / "out", metrics


def test_the_checkpoint_is_whole_small_and_valid(built):
    folder, _ = built
    names = {path.name for path in folder.iterdir()}
    assert names == {"README.md", "config.json", "metrics.json", "model.onnx", "model.safetensors"}
    assert sum(path.stat().st_size for path in folder.iterdir()) < MAX_CHECKPOINT_BYTES
    config = load_config(folder)
    assert config.labels == LABELS
    assert "tuba" in config.experimental  # nothing ever sounded like it
    assert [source["source"] for source in config.trained_on] == ["ann", "duo"]
    assert config.trained_on[0]["minutes"] == pytest.approx(0.1)


def test_it_takes_the_place_of_another_one_and_leaves_what_is_not_of_a_checkpoint(tmp_path):
    new, folder = tmp_path / "new", tmp_path / "model"
    for place, content in ((new, "new"), (folder, "old")):
        place.mkdir()
        for name in ("config.json", "model.onnx"):
            (place / name).write_text(content)
    (folder / "notes.txt").write_text("mine")
    (folder / "metrics.json").write_text("of the old one")
    _put_in_place(new, folder, tmp_path / "before")
    contents = {path.name: path.read_text() for path in folder.iterdir()}
    assert contents == {"config.json": "new", "model.onnx": "new", "notes.txt": "mine"}


def test_the_tagger_serves_it(built, wav):
    folder, _ = built
    segments = list(Tagger.from_pretrained(folder).tag(wav))
    assert len(segments) == 8
    assert all(
        0.0 <= segment.probabilities.min() <= segment.probabilities.max() <= 1.0 for segment in segments
    )


def test_metrics_say_on_what_they_were_measured(built):
    folder, metrics = built
    assert json.loads((folder / "metrics.json").read_text()) == metrics
    solo = metrics["solo_test_recordings"]
    assert (solo["clips"], solo["groups"]) == (2, 2)
    assert solo["commonest_top1"] == 0.5
    tuba = metrics["test_mixes"]["labels"]["tuba"]
    assert tuba["positives"] == 0
    assert tuba["average_precision"] is tuba["f1"] is tuba["roc_auc"] is None
    assert sum(tuba["reliability"]["count"]) == 24
    assert metrics["learned_from"] == "mixes"
    assert metrics["onnx_parity"] <= 1e-4
    once = {"sources": 1, "groups": 1, "clips": 1, "minutes": 0.05}
    learned = {label: one["recordings"] for label, one in metrics["learned_by_label"].items()}
    assert learned == {"cello": once, "flute": once, "tuba": dict.fromkeys(once, 0)}  # no mix draws the duo


def test_what_the_first_weights_learned_from_is_not_scored(built, table, tmp_path):
    folder, metrics = built
    assert metrics["groups_learned_before"] == 0
    known = table.loc[table["group"] == "cy/flute", "sha256"].iloc[0][:FILE_DIGITS]
    begun = replace(load_config(folder), learned_files=(known,))
    torch.manual_seed(0)
    network = CompactCnn(len(LABELS), SMALL).eval()
    places = [folder.parent / name for name in ("table", "decoded", "windows")]
    again = build_checkpoint(network, "second", *places, tmp_path / "second", init=begun)
    assert again["solo_test_recordings"]["clips"] == 1
    assert again["groups_learned_before"] >= 1
    config = load_config(tmp_path / "second")
    assert known in config.learned_files
    assert f"{begun.full_name} had learned from" in (tmp_path / "second" / "README.md").read_text()
    unknown = replace(begun, learned_files=None)
    assert (
        build_checkpoint(network, "third", *places, tmp_path / "third", init=unknown)["groups_learned_before"]
        is None
    )


def test_the_card_names_sources_licences_and_limits(built):
    card = (built[0] / "README.md").read_text()
    for text in ("| ann | 0.1 | 2 | CC0 |", " | 0.05 (1, 1) | ", "Experimental", "Tuba", "## Limits"):
        assert text in card


def test_a_collection_without_held_out_recordings_has_a_card_too(built):
    folder, metrics = built
    without = {name: value for name, value in metrics.items() if not name.startswith("solo_")}
    assert "## Limits" in model_card(load_config(folder), without)
