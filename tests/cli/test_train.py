"""`timbre train` on a table of a few sounds, as a person types it: from clips to a checkpoint that tags."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
import torch
from training_miniature import FREQUENCY_HZ, QUICK, places, timbre

from timbre.cli import train as command
from timbre.data.table import TABLE_FILE, read_table, write_table
from timbre.features.splits import MANY_GROUPS
from timbre.files import file_sha256
from timbre.models.checkpoint import load_config
from timbre.models.lineage import FILE_DIGITS
from timbre.models.network import SIZES, NetworkConfig
from timbre.models.pooling import HEADS
from timbre.models.tagger import Tagger
from timbre.visualization.places import Places

pytestmark = pytest.mark.timeout(400)  # a training


def test_single_label_clips_become_a_checkpoint_that_names_them(trained, notes):
    work, done = trained
    assert "went by waiting for batches" in done.output
    assert "test mAP" in done.output
    config = load_config(work / "model")
    assert (config.name, config.labels) == ("three", ("cello", "flute", "tuba"))
    assert config.network["stem_stride"] == [4, 5]
    tagger = Tagger.from_pretrained(work / "model")
    for leaf in FREQUENCY_HZ:
        (segment, *_) = tagger.tag(notes / f"cy_{leaf}0.wav")
        assert config.labels[int(segment.probabilities.argmax())] == leaf


def test_nothing_unfinished_is_left_beside_the_checkpoint(trained):
    work, _ = trained
    assert {path.name for path in work.iterdir()} == {"windows", "run", "model", "report.html", "figures"}


def test_the_report_is_written_with_its_figures(trained):
    work, done = trained
    page = (work / "report.html").read_text()
    config = load_config(work / "model")
    assert f"<h1>{config.full_name}</h1>" in page
    assert config.data["table"] in page
    names = {path.name for path in (work / "figures").iterdir()}
    assert {"report_learning.png", "report_labels.png"} <= names
    assert all(f'id="{Path(name).stem}"' in page for name in names)
    assert str(work / "report.html") in done.output
    assert "Left out" not in done.output


def test_a_report_that_fails_leaves_the_checkpoint_and_says_so(trained, tmp_path):
    model = shutil.copytree(trained[0] / "model", tmp_path / "model")
    (model / "metrics.json").write_text("{}")
    nowhere = Places(model, tmp_path / "run", tmp_path / "windows", tmp_path / "table", tmp_path / "decoded")
    with pytest.raises(click.ClickException, match=r"is complete, its report is not: .* lacks") as failed:
        command._report(nowhere, "three", tmp_path / "page.html", tmp_path / "figures", audio=True)
    assert "`timbre report`" in failed.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_run_can_be_traced_to_its_data(trained, notes):
    work, _ = trained
    folders = {split: work / "windows" / "clips" / split for split in ("train", "validation", "test")}
    written = {
        split: json.loads((path / "rendered.json").read_text())["digest"] for split, path in folders.items()
    }
    assert len({*written.values()}) == 3
    assert load_config(work / "model").data == {
        "table": file_sha256(notes / "table" / TABLE_FILE),
        "windows": written,
    }
    assert json.loads((work / "run" / "run.json").read_text())["digests"] == written


def test_two_processes_train_together_beginning_with_a_checkpoint(notes, trained, tmp_path):
    first = load_config(trained[0] / "model")
    arguments = [
        "train", "--from", "clips", *QUICK[2:], "--epochs", 1, "--init", trained[0] / "model",
        "--accelerator", "cpu", "--devices", 2, "--strategy", "ddp", *places(notes, tmp_path),
    ]  # fmt: skip
    started = [str(part) for part in (Path(sys.executable).with_name("timbre"), *arguments)]
    done = subprocess.run(started, capture_output=True, text=True, timeout=380)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("test mAP") == 1  # one of the two goes on alone
    state = torch.load(tmp_path / "run" / "last.ckpt", weights_only=False)
    assert state["global_step"] == 12 // 2  # each step is of two batches
    config = load_config(tmp_path / "model")
    assert (config.labels, config.network) == (first.labels, first.network)
    assert config.init == json.loads((tmp_path / "run" / "run.json").read_text())["init"] == first.full_name
    assert [(source["source"], source.get("through")) for source in config.trained_on] == [
        ("ann", None),
        ("ann", first.full_name),
    ]
    assert config.learned_files == first.learned_files
    card = (tmp_path / "model" / "README.md").read_text()
    assert "| ann |" in card
    assert f"{first.full_name} had learned from none of these groups either." in card


@pytest.mark.parametrize(
    ("options", "sentence", "status"),
    [
        (("--size", "large"), "is another network: stem_channels, stages, head_channels differ.", 1),
        (("--out", "MODEL"), "give it another --name", 2),
        (
            ("--backbone", "some/transformer"),
            "Leave out --from, --init, --windows, --report, --figures: a",
            2,
        ),
        (("--init", "nowhere"), "There is no model folder nowhere.", 1),
    ],
)
def test_a_beginning_that_does_not_fit_is_one_sentence(notes, trained, tmp_path, options, sentence, status):
    model = trained[0] / "model"
    before = file_sha256(model / "config.json")
    options = [model if option == "MODEL" else option for option in options]
    windows = ["--windows", trained[0] / "windows"]
    done = timbre("train", "--from", "clips", "--init", model, *places(notes, tmp_path), *windows, *options)
    assert done.exit_code == status
    assert sentence in " ".join(done.output.split())
    assert not list(tmp_path.iterdir())
    assert file_sha256(model / "config.json") == before


def test_groups_that_taught_the_beginning_and_test_now_are_said(notes, trained, tmp_path):
    model = shutil.copytree(trained[0] / "model", tmp_path / "model")
    config = json.loads((model / "config.json").read_text())
    digests = [digest[:FILE_DIGITS] for digest in read_table(notes / "table")["sha256"]]
    (model / "config.json").write_text(json.dumps({**config, "learned_files": digests}))
    where = [*places(notes, tmp_path / "next"), "--windows", trained[0] / "windows"]
    done = timbre("train", "--from", "clips", "--init", model, "--size", "large", *where)
    assert done.exit_code == 1  # that is another network
    assert "has learned from groups that validate or test here (" in done.output


def test_a_table_without_a_held_out_split_is_named_before_training(notes, tmp_path):
    table = read_table(notes / "table")
    write_table(table[table["split"] != "validation"], tmp_path / "table")
    where = places(notes, tmp_path)
    where[1] = tmp_path / "table"
    done = timbre("train", "--from", "clips", *QUICK, *where)
    assert done.exit_code == 1
    assert "No instrument is known to sound in the validation split" in done.output
    assert f"{MANY_GROUPS} of one instrument in one data set" in " ".join(done.output.split())
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "option",
    [
        "--epochs=0", "--batches-per-epoch=0", "--batch-size=0", "--learning-rate=0", "--patience=-1",
        "--balance=-1", "--seed=-1", "--validate-every=0", "--threads=0",
    ],
)  # fmt: skip
def test_a_number_out_of_range_is_wrong_usage(option):
    done = timbre("train", option)
    assert done.exit_code == 2
    assert f"Invalid value for '{option.partition('=')[0]}'" in done.output


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--init=nowhere", "--init"),
        ("--from=clips", "--from"),
        ("--from=mixes", "--from"),
        ("--size=small", "--size"),
        ("--pooling=attention", "--pooling"),
        ("--mapped", "--in-memory/--mapped"),
        ("--no-build", "--build/--no-build"),
        ("--windows=nowhere", "--windows"),
        ("--report=page.html", "--report"),
        ("--figures=nowhere", "--figures"),
        ("--no-audio", "--audio/--no-audio"),
    ],
)
def test_what_does_nothing_beside_a_backbone_is_wrong_usage(tmp_path, option, told):
    done = timbre("train", "--backbone", tmp_path, option, "--table", tmp_path)
    assert done.exit_code == 2
    assert f"Leave out {told}: a --backbone is fine-tuned without." in " ".join(done.output.split())


def test_all_that_a_backbone_needs_may_be_said_and_is_named_at_once_where_not(tmp_path):
    theirs = {p.name: p for p in command.train.params if p.name in command._NOT_FOR_BACKBONES}
    assert len(theirs) == len(command._NOT_FOR_BACKBONES)
    own = ("--epochs", 1, "--balance", 0, "--seed", 1, "--out", tmp_path / "out", "--run", tmp_path / "run")
    done = timbre("train", "--backbone", tmp_path, *own, "--table", tmp_path, "--decoded", tmp_path)
    assert done.exit_code == 1
    assert "There is no table of clips" in done.output
    done = timbre("train", "--backbone", tmp_path, *own, "--size", "small", "--no-audio")
    assert "Leave out --size, --audio/--no-audio: a --backbone" in " ".join(done.output.split())


def test_choices_are_those_that_there_are():
    choices = {p.name: list(p.type.choices) for p in command.train.params if hasattr(p.type, "choices")}
    assert choices["size"] == list(SIZES)
    assert choices["pooling"] == list(HEADS)
    assert SIZES[command.SIZE] == NetworkConfig(pooling=command.POOLING)


def test_windows_on_disk_are_cut_again_only_when_the_clips_changed(trained, notes):
    work, _ = trained
    shard = work / "windows" / "clips" / "train" / "log_mel_00000.npy"
    facts = json.loads((shard.parent / "rendered.json").read_text())
    assert facts["windows"] == len(np.load(shard)) == 12 * 2  # two seconds are begun by every note
