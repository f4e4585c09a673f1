"""The pipeline's commands on a folder of a few sounds, as a person would type them."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from click.testing import CliRunner, Result

from timbre.cli import main
from timbre.data.table import read_table
from timbre.features.windows import Windows
from timbre.taxonomy import BY_ID

RATE_HZ = 32_000


def timbre(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = ["path,label,who,ok"]
    for who, ok in (("ann", "1"), ("bob", "0")):
        for number in range(3):
            for label in ("tuba", "shaker"):
                path = tmp_path / "material" / who / f"{label}{number}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                sf.write(path, 0.2 * rng.standard_normal(2 * RATE_HZ), RATE_HZ)
                rows.append(f"{who}/{path.name},{label},{who},{ok}")
    (tmp_path / "material" / "clips.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "material"


def test_from_a_folder_to_windows(recordings, tmp_path):
    table, decoded, windows = tmp_path / "table", tmp_path / "decoded", tmp_path / "windows"
    named = ("--csv", recordings / "clips.csv", "--source-column", "who", "--ship-column", "ok")
    done = timbre("data", "add-folder", recordings, "--name", "mine", *named, "--table", table)
    assert done.exit_code == 0, done.output
    rows = read_table(table).set_index("dataset")
    assert set(rows.loc["ann", "split"]) == {"train"}
    assert set(rows.loc["bob", "split"]) == {"test"}  # may not be published, so it only tests

    # No clip is held out for validation here, so nothing is drawn for it.
    counts = ("--train", 6, "--validation", 0, "--test", 4, "--mixer", "random")
    where = ("--table", table, "--decoded", decoded, "--windows", windows)
    assert timbre("mix", *counts, *where).exit_code == 0
    done = timbre("spectrograms", *where)
    assert done.exit_code == 0, done.output
    assert len(Windows(windows / "train")) == 6
    assert Windows(windows / "test").labels == tuple(BY_ID)
    steps = json.loads((windows / "provenance.json").read_text())
    assert steps["mix train"]["mixer"] == "random"
    assert "add-folder mine" in json.loads((table / "provenance.json").read_text())


def add_recordings(recordings, table_dir):
    csv = recordings / "clips.csv"
    return timbre("data", "add-folder", recordings, "--name", "mine", "--csv", csv, "--table", table_dir)


def test_an_unmapped_label_is_named(recordings, tmp_path):
    (recordings / "clips.csv").write_text("path,label\nann/tuba0.wav,vuvuzela\n")
    done = add_recordings(recordings, tmp_path)
    assert done.exit_code != 0
    assert "vuvuzela" in done.output
    assert read_table(tmp_path).empty


def test_a_group_on_two_sides_stops_the_mixing(recordings, tmp_path):
    from timbre.data.table import write_table

    add_recordings(recordings, tmp_path)
    rows = read_table(tmp_path)
    rows["split"] = ["train", "test"] * (len(rows) // 2)
    rows["group"] = "one"
    write_table(rows, tmp_path)
    done = timbre("mix", "--table", tmp_path, "--decoded", tmp_path / "d", "--windows", tmp_path / "w")
    assert done.exit_code != 0
    assert "one" in done.output
