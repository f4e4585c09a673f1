"""`timbre train` on a table of a few sounds, as a person types it: from clips to a checkpoint that tags."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
import torch
from click.testing import CliRunner, Result

from timbre.cli import main
from timbre.cli.train import train as train_command
from timbre.data.table import COLUMNS, write_table
from timbre.files import file_sha256
from timbre.models.checkpoint import load_config
from timbre.models.network import SIZES
from timbre.models.pooling import HEADS
from timbre.models.tagger import Tagger
from timbre.taxonomy import BY_ID

RATE_HZ = 32_000
FREQUENCY_HZ = {"tuba": 80, "cello": 400, "flute": 2_500}
SPLIT_OF_PLAYER = {"ann": "train", "bob": "validation", "cy": "test"}
QUICK = (
    "--size",
    "small",
    "--epochs",
    2,
    "--batches-per-epoch",
    8,
    "--batch-size",
    8,
    "--learning-rate",
    5e-3,
)


def row(path: Path, player: str, leaf: str) -> dict:
    return dict.fromkeys(COLUMNS, "") | {
        "clip_id": path.name, "path": path.name, "dataset": player, "present": [leaf],
        "absent": sorted(set(BY_ID) - {leaf}), "any_of": [], "group": f"{player}/{leaf}",
        "split": SPLIT_OF_PLAYER[player], "license": "CC0-1.0", "duration_s": 1.2,
        "sha256": file_sha256(path), "root": str(path.parent), "kind": "note", "shippable": True, "key": -1,
    }  # fmt: skip


@pytest.fixture(scope="module")
def collection(tmp_path_factory) -> Path:
    """The table of notes of three instruments by three players, in `table`."""
    root = tmp_path_factory.mktemp("collection")
    rng, rows = np.random.default_rng(0), []
    time_s = np.arange(int(1.2 * RATE_HZ)) / RATE_HZ
    for player in SPLIT_OF_PLAYER:
        for leaf, frequency_hz in FREQUENCY_HZ.items():
            for number in range(4):
                tone = np.sin(2 * np.pi * frequency_hz * rng.uniform(0.9, 1.1) * time_s)
                path = root / f"{player}_{leaf}{number}.wav"
                sf.write(path, 0.3 * tone + rng.normal(0, 0.003, len(tone)), RATE_HZ)
                rows.append(row(path, player, leaf))
    write_table(pd.DataFrame(rows), root / "table")
    return root


def places(collection: Path, work: Path) -> list[object]:
    """Options that keep all that is written in one folder."""
    return [
        "--table", collection / "table", "--decoded", collection / "decoded", "--windows", work / "windows",
        "--run", work / "run", "--out", work / "model", "--figures", work / "figures",
    ]  # fmt: skip


def timbre(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def trained(collection, tmp_path_factory) -> tuple[Path, Result]:
    before = torch.get_num_threads()
    work = tmp_path_factory.mktemp("trained")
    done = timbre("train", "--from", "clips", "--name", "three", *QUICK, *places(collection, work))
    torch.set_num_threads(before)
    assert done.exit_code == 0, done.output
    return work, done


def test_single_label_clips_become_a_checkpoint_that_names_them(trained, collection):
    work, done = trained
    assert "went by waiting for batches" in done.output
    assert "test mAP" in done.output
    config = load_config(work / "model")
    assert (config.name, config.labels) == ("three", ("cello", "flute", "tuba"))
    assert config.network["stem_stride"] == [4, 4]
    tagger = Tagger.from_pretrained(work / "model")
    for leaf in FREQUENCY_HZ:
        (segment, *_) = tagger.tag(collection / f"cy_{leaf}0.wav")
        assert config.labels[int(segment.probabilities.argmax())] == leaf


def test_nothing_unfinished_is_left_beside_the_checkpoint(trained):
    work, _ = trained
    assert {path.name for path in work.iterdir()} == {"windows", "run", "model", "figures"}


def test_two_processes_train_together(collection, trained, tmp_path):
    command = [
        Path(sys.executable).with_name("timbre"), "train", "--from", "clips", *QUICK, "--epochs", 1,
        "--accelerator", "cpu", "--devices", 2, "--strategy", "ddp", *places(collection, tmp_path),
    ]  # fmt: skip
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("test mAP") == 1  # one of the two goes on alone
    state = torch.load(tmp_path / "run" / "last.ckpt", weights_only=False)
    assert state["global_step"] == 8 // 2  # each step is of two batches
    assert load_config(tmp_path / "model").labels == ("cello", "flute", "tuba")


def test_a_table_without_a_held_out_split_is_named_before_training(collection, tmp_path):
    from timbre.data.table import read_table

    table = read_table(collection / "table")
    write_table(table[table["split"] != "validation"], tmp_path / "table")
    where = places(collection, tmp_path)
    where[1] = tmp_path / "table"
    done = timbre("train", "--from", "clips", *QUICK, *where)
    assert done.exit_code == 1
    assert "No instrument is known to sound in the validation split" in done.output
    assert not (tmp_path / "run").exists()


def test_choices_are_those_that_there_are():
    choices = {p.name: list(p.type.choices) for p in train_command.params if hasattr(p.type, "choices")}
    assert choices["size"] == list(SIZES)
    assert choices["pooling"] == list(HEADS)


def test_windows_on_disk_are_cut_again_only_when_the_clips_changed(trained, collection):
    work, _ = trained
    shard = work / "windows" / "clips" / "train" / "log_mel_00000.npy"
    facts = json.loads((shard.parent / "rendered.json").read_text())
    assert facts["windows"] == len(np.load(shard)) == 12 * 2  # two seconds are begun by every note
