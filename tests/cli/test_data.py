"""`timbre data metadata` and `add-folder`, as a person would type them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from click.testing import CliRunner, Result

from timbre.cli import main
from timbre.data.lock import locked
from timbre.data.own_folder import NO_LABEL
from timbre.data.table import read_table

RATE_HZ = 16_000


def timbre(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def record(path: Path, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, 0.1 * np.random.default_rng(seed).standard_normal(RATE_HZ), RATE_HZ)


@pytest.fixture
def raw(tmp_path) -> Path:
    """VocalSet with three singers and a silent take."""
    folder = tmp_path / "raw/vocalset/VocalSet/FULL"
    for seed, singer in enumerate(("female1", "female2", "male1")):
        record(folder / singer / "scales/belt/a.wav", seed)
    sf.write(folder / "male1/scales/belt/b.wav", np.zeros(RATE_HZ), RATE_HZ)
    return tmp_path / "raw"


@pytest.fixture
def library(tmp_path) -> Path:
    """A sample library: a folder a name, one file broken, one m4a."""
    for seed, name in enumerate(("kick/a.wav", "808/b.wav", "open hat/c.wav", "clap stack/d.wav")):
        record(tmp_path / "library" / name, seed)
    (tmp_path / "library/kick/broken.wav").write_text("not a sound")
    return tmp_path / "library"


def test_downloaded_data_sets_become_the_table(raw, tmp_path):
    table_dir = tmp_path / "table"
    done = timbre("data", "metadata", "--raw", raw, "--table", table_dir)
    assert done.exit_code == 0, done.output
    assert "3 clips read" in done.output
    assert "1 clips cannot be used" in done.output
    assert "| vocalset | 3 |" in done.output
    table = read_table(table_dir)
    assert set(table["group"]) == {"vocalset/female1", "vocalset/female2", "vocalset/male1"}
    problems = pd.read_csv(table_dir / "problems.csv", keep_default_na=False)
    assert problems["problem"].tolist() == ["4 clips found, 3,560 published", "silent"]
    assert "metadata vocalset" in json.loads((table_dir / "provenance.json").read_text())
    names = {"metadata.parquet", "metadata.csv", "summary.md", "summary.png", "facts.jsonl", "splits"}
    assert names <= {path.name for path in table_dir.iterdir()}


def test_a_data_set_that_cannot_be_read_is_named_and_the_rest_is_kept(raw, tmp_path):
    (raw / "misd").mkdir()
    (raw / "misd/Metadata_Train.csv").write_text("FileName,Class\na.wav,Sound_Kazoo\n")
    done = timbre("data", "metadata", "--raw", raw, "--table", tmp_path / "table")
    assert done.exit_code == 1
    assert "Sound_Kazoo" in done.output
    assert "Metadata_Train.csv" in done.output
    assert "Not read: misd." in done.output
    assert len(read_table(tmp_path / "table")) == 3


def test_nothing_to_read_and_a_wrong_name_are_told(raw, tmp_path):
    empty = tmp_path / "empty"
    done = timbre("data", "metadata", "--raw", empty, "--table", tmp_path / "table")
    assert done.exit_code == 1
    assert f"nothing in {empty}" in done.output
    done = timbre("data", "metadata", "vocalsets", "--raw", raw, "--table", tmp_path / "table")
    assert done.exit_code == 2
    assert "There is no data set vocalsets" in done.output
    assert not (tmp_path / "table").exists()


def test_a_sample_library_is_added_and_a_broken_file_counted(library, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("name,leaf\nclap stack,clap\n")
    where = ("--table", tmp_path / "table")
    unnamed = timbre("data", "add-folder", library, "--name", "mine", *where)
    assert unnamed.exit_code == 1
    assert "clap_stack" in unnamed.output
    assert read_table(tmp_path / "table").empty
    done = timbre("data", "add-folder", library, "--name", "mine", "--labels", names, *where)
    assert done.exit_code == 0, done.output
    assert "1 clips cannot be used" in done.output
    present = read_table(tmp_path / "table").set_index("path")["present"].to_dict()
    assert present == {
        "kick/a.wav": ["kick_drum"],
        "808/b.wav": ["kick_drum", "tr808_kick_drum"],
        "open hat/c.wav": ["open_hi_hat", "hi_hat"],
        "clap stack/d.wav": ["clap"],
    }


@pytest.mark.parametrize("blocks", [0, 2])  # no room for the log of files, or for the table
def test_a_full_disk_is_told_in_a_sentence(library, tmp_path, blocks):
    names = tmp_path / "names.csv"
    names.write_text("name,leaf\nclap stack,clap\n")
    arguments = ["data", "add-folder", library, "--name", "mine", "--labels", names]
    code = "import resource, sys; from timbre.cli import main\n"
    code += f"resource.setrlimit(resource.RLIMIT_FSIZE, ({blocks * 1024}, {blocks * 1024})); main()"
    command = [sys.executable, "-c", code, *map(str, arguments), "--table", str(tmp_path / "table")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "There is no room left in" in done.stderr
    assert "Traceback" not in done.stderr
    assert timbre(*arguments, "--table", tmp_path / "table").exit_code == 0


def test_a_table_that_another_process_writes_is_left_to_it(library, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("name,leaf\nclap stack,clap\n")
    options = ("--name", "mine", "--labels", names, "--table", tmp_path / "table")
    with locked(tmp_path / "table"):
        done = timbre("data", "add-folder", library, *options)
    assert done.exit_code == 1
    assert "Another process is writing into" in done.output
    assert read_table(tmp_path / "table").empty
    (tmp_path / "file").touch()
    done = timbre("data", "add-folder", library, *options[:-1], tmp_path / "file" / "table")
    assert done.exit_code == 1
    assert "cannot be written" in done.output


def test_a_library_without_808s_says_so(library, tmp_path):
    (library / "clap stack/d.wav").unlink()
    options = ("--name", "mine", "--table", tmp_path / "table", "--holds-no")
    done = timbre("data", "add-folder", library, *options, "mine:808_kick")
    assert done.exit_code == 1
    assert "There is no instrument 808_kick" in done.output
    assert timbre("data", "add-folder", library, *options, "mine:tr808_kick_drum").exit_code == 0
    absent = read_table(tmp_path / "table").set_index("path")["absent"]
    assert "tr808_kick_drum" in absent["kick/a.wav"]
    assert "tr808_kick_drum" not in absent["808/b.wav"]


def test_what_never_validates_is_marked(library, tmp_path):
    (library / "clap stack/d.wav").unlink()
    options = ("--name", "mine", "--table", tmp_path / "table", "--never-validates", "mine")
    assert timbre("data", "add-folder", library, *options).exit_code == 0
    assert set(read_table(tmp_path / "table")["part"]) == {"train_or_test"}


def test_a_sample_that_was_removed_leaves_the_table(library, tmp_path):
    (library / "clap stack/d.wav").unlink()
    options = ("--name", "mine", "--table", tmp_path / "table")
    assert timbre("data", "add-folder", library, *options).exit_code == 0
    (library / "808/b.wav").unlink()
    assert timbre("data", "add-folder", library, *options).exit_code == 0
    assert read_table(tmp_path / "table")["path"].tolist() == ["kick/a.wav", "open hat/c.wav"]


def test_recordings_beside_the_folders_are_listed_as_problems(library, tmp_path):
    (library / "clap stack/d.wav").unlink()
    record(library / "stray.wav", 4)
    done = timbre("data", "add-folder", library, "--name", "mine", "--table", tmp_path / "table")
    assert done.exit_code == 0, done.output
    assert "2 clips cannot be used" in done.output
    problems = pd.read_csv(tmp_path / "table/problems.csv", keep_default_na=False).set_index("path")[
        "problem"
    ]
    assert problems["stray.wav"] == NO_LABEL
    assert "stray.wav" not in set(read_table(tmp_path / "table")["path"])


def test_aac_and_webm_are_read_too(encode, tmp_path):
    record(tmp_path / "a.wav")
    (tmp_path / "library/kick").mkdir(parents=True)
    for suffix in ("aac", "webm"):
        shutil.copy(encode(tmp_path / "a.wav", f"a.{suffix}"), tmp_path / f"library/kick/a.{suffix}")
    where = ("--name", "mine", "--table", tmp_path / "table")
    done = timbre("data", "add-folder", tmp_path / "library", *where)
    assert done.exit_code == 0, done.output
    assert set(read_table(tmp_path / "table")["path"]) == {"kick/a.aac", "kick/a.webm"}


@pytest.mark.parametrize("lines", ["path,label\n", "path,label\nkick/broken.wav,kick\nnone.wav,kick\n"])
def test_a_list_of_which_nothing_can_be_used_is_an_error(library, tmp_path, lines):
    csv = tmp_path / "clips.csv"
    csv.write_text("path,label\nkick/a.wav,kick\n")
    options = ("--name", "mine", "--csv", csv, "--table", tmp_path / "table")
    assert timbre("data", "add-folder", library, *options).exit_code == 0
    csv.write_text(lines)
    done = timbre("data", "add-folder", library, *options)
    assert done.exit_code == 1
    sentences = (
        f"{csv} lists no clip.",
        f"None of the 2 clips of {csv} can be used: unreadable (1); missing (1).",
    )
    assert sentences[lines.count("wav") > 0] in " ".join(done.output.split())
    assert read_table(tmp_path / "table")["path"].tolist() == ["kick/a.wav"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--group-column", "who"), "name it with --csv"),
        (("--path-column", "file"), "name it with --csv"),
        (("--ship-column", "ok", "--ship", "yes"), "name it with --csv"),
        (("--ship", "yes"), "name it with --ship-column"),
        (("--csv", "LIST", "--ship", "yes"), "name it with --ship-column"),
    ],
)
def test_options_of_a_list_that_would_do_nothing_are_wrong_usage(library, tmp_path, options, told):
    csv = tmp_path / "clips.csv"
    csv.write_text("path,label,ok\nkick/a.wav,kick,no\n")
    options = [csv if option == "LIST" else option for option in options]
    done = timbre("data", "add-folder", library, "--name", "mine", *options, "--table", tmp_path / "table")
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())
    assert not (tmp_path / "table").exists()


def test_a_csv_may_say_who_plays(library, tmp_path):
    csv = tmp_path / "clips.csv"
    csv.write_text("path,label,who\nkick/a.wav,kick,ann\n808/b.wav,808,ann\nkick/none.wav,kick,bob\n")
    options = ("--name", "mine", "--csv", csv, "--group-column", "who", "--table", tmp_path / "table")
    done = timbre("data", "add-folder", library, *options)
    assert done.exit_code == 0, done.output
    assert set(read_table(tmp_path / "table")["group"]) == {"mine/ann"}
    assert "1 clips cannot be used" in done.output
    done = timbre("data", "add-folder", library, *options, "--license-column", "terms")
    assert done.exit_code == 1
    assert "clips.csv has no column terms" in done.output
