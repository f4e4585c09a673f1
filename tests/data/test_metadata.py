import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from timbre.data.datasets import DATA_SETS
from timbre.data.dictionary import COLUMNS
from timbre.data.file_facts import BAD_NAME, MISSING
from timbre.data.metadata import LISTED_TWICE, OUTSIDE, downloaded, read_data_sets, table_of
from timbre.data.own_folder import own_clip
from timbre.data.problems import Problem, read_problems, write_problems
from timbre.errors import TimbreError
from timbre.files import file_sha256

RATE_HZ = 8_000


def record(path: Path, number: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, 0.1 * np.sin(np.arange(RATE_HZ) / (5 + number)), RATE_HZ)


@pytest.fixture
def raw(tmp_path) -> Path:
    """Two data sets of a few files: Philharmonia, and MISD, of which one file is broken."""
    raw = tmp_path / "raw"
    record(raw / "philharmonia/all-samples/cello/cello_A3_1_forte_arco-normal.mp3")
    for number in range(2):
        record(raw / f"misd/Train_submission/Train_submission/{number}.wav", number)
    (raw / "misd/Train_submission/Train_submission/2.wav").write_text("no sound")
    rows = "0.wav,Sound_Violin\n1.wav,Sound_Drum\n2.wav,Sound_Piano\n3.wav,Sound_Piano\n"
    (raw / "misd/Metadata_Train.csv").write_text(f"FileName,Class\n{rows}")
    (raw / "misd/Metadata_Test.csv").write_text("FileName,Class\n")
    (raw / "irmas/archives").mkdir(parents=True)  # still arriving
    return raw


def test_what_is_there_is_found_and_what_is_not_is_told(raw):
    assert [data_set.name for data_set in downloaded(raw)] == ["misd", "philharmonia"]
    assert [data_set.name for data_set in downloaded(raw, ["philharmonia"])] == ["philharmonia"]
    with pytest.raises(TimbreError, match=r"no data set imras.*irmas"):
        downloaded(raw, ["imras"])
    with pytest.raises(TimbreError, match="irmas is not in"):
        downloaded(raw, ["irmas", "misd"])
    (raw / "freesound").mkdir()
    (raw / "freesound/.lock").touch()  # of a search that was refused
    assert "freesound" not in [data_set.name for data_set in downloaded(raw)]


def test_the_good_clips_become_rows_and_the_others_problems(raw, tmp_path):
    folder = raw / "misd"
    rows, problems = table_of(folder, DATA_SETS["misd"].clips(folder), tmp_path / "facts.jsonl")
    assert tuple(rows) == COLUMNS
    where = "Train_submission/Train_submission"
    assert rows["clip_id"].tolist() == [f"misd:{where}/0.wav", f"misd:{where}/1.wav"]
    assert problems == [
        Problem("misd", f"{where}/2.wav", "unreadable"),
        Problem("misd", f"{where}/3.wav", "missing"),
    ]
    violin, drum = rows.to_dict("records")
    assert (violin["present"], violin["any_of"]) == (["violin"], [])
    assert drum["any_of"][0].split("|")[:2] == ["kick_drum", "tr808_kick_drum"]
    assert violin["sha256"] == file_sha256(folder / violin["path"])
    assert Path(violin["root"]) == folder
    assert violin["duration_s"] == pytest.approx(1.0)
    assert (violin["group"], violin["split"], violin["kind"]) == ("misd/Sound_Violin", "", "clip")


def test_a_clip_of_which_its_data_set_knows_nothing_is_a_problem(tmp_path):
    for name in ("a.wav", "b.wav"):
        record(tmp_path / "own" / name)
    clip = own_clip("a.wav", ("flute",), "mine", file=tmp_path)
    rows, problems = table_of(tmp_path / "own", [replace(clip, path="b.wav", problem="no answers"), clip])
    assert rows["path"].tolist() == ["a.wav"]
    assert problems == [Problem("mine", "b.wav", "no answers")]


def test_a_data_set_that_cannot_be_read_stops_no_other(raw, tmp_path):
    (raw / "misd/Metadata_Test.csv").write_text("FileName,Class\n9.wav,Sound_Kazoo\n")
    collected = read_data_sets(downloaded(raw), raw, tmp_path / "facts.jsonl")
    assert collected.names == ["philharmonia"]
    assert "Sound_Kazoo" in str(collected.failures["misd"])
    assert collected.rows[0]["present"].tolist() == [["cello"]]
    published = DATA_SETS["philharmonia"].n_clips
    assert collected.problems == [Problem("philharmonia", "", f"1 clips found, {published:,} published")]


def test_own_clips_keep_what_they_say(raw, tmp_path):
    record(tmp_path / "own/a.wav")
    clip = own_clip("a.wav", ("flute",), "mine", file=tmp_path, license="CC0", kind="note", shippable=False)
    rows, problems = table_of(tmp_path / "own", [clip])
    assert problems == []
    row = rows.iloc[0]
    assert (row["license"], row["kind"], row["shippable"], row["key"]) == ("CC0", "note", False, -1)


def test_of_a_clip_that_is_listed_twice_the_first_counts(raw, tmp_path):
    record(tmp_path / "own/a.wav")
    clips = [own_clip("a.wav", (label,), "mine", file=tmp_path) for label in ("flute", "oboe")]
    rows, problems = table_of(tmp_path / "own", clips)
    assert rows["present"].tolist() == [["flute"]]
    assert problems == [Problem("mine", "a.wav", LISTED_TWICE)]


def test_a_list_of_clips_reaches_nothing_outside_its_folder(tmp_path):
    record(tmp_path / "own/a.wav")
    record(tmp_path / "private.wav")
    paths = ["../private.wav", "deep/../../private.wav", str(tmp_path / "private.wav"), "a.wav"]
    clips = [own_clip(path, ("flute",), "mine", file=tmp_path) for path in paths]
    log = tmp_path / "facts.jsonl"
    rows, problems = table_of(tmp_path / "own", clips, log)
    assert rows["path"].tolist() == ["a.wav"]
    assert problems == [Problem("mine", path, OUTSIDE) for path in paths[:3]]
    assert "private" not in log.read_text()


def test_a_whole_path_is_told_for_what_it_is_even_into_the_folder(tmp_path):
    record(tmp_path / "own/a.wav")
    clip = own_clip(str(tmp_path / "own/a.wav"), ("flute",), "mine", file=tmp_path)
    rows, (problem,) = table_of(tmp_path / "own", [clip])
    assert rows.empty
    assert "is absolute" in problem.problem


def test_names_that_no_table_can_hold_are_problems(tmp_path):
    odd = os.fsencode(tmp_path) + b"/flute-\xe9.wav"
    record(tmp_path / "a.wav")
    os.rename(tmp_path / "a.wav", odd)
    clips = [own_clip(path, ("flute",), "mine", file=tmp_path) for path in ("flute-\udce9.wav", "a\0b.wav")]
    rows, problems = table_of(tmp_path, clips)
    assert rows.empty
    assert problems == [
        Problem("mine", "flute-\\udce9.wav", BAD_NAME),
        Problem("mine", "a\0b.wav", MISSING),
    ]
    write_problems(problems, tmp_path / "table")
    assert read_problems(tmp_path / "table")[1].path == "flute-\\udce9.wav"


def test_all_that_can_be_known_of_a_data_set_again_is_read_from_the_log(raw, tmp_path):
    log = tmp_path / "facts.jsonl"
    first = read_data_sets(downloaded(raw), raw, log)
    n_lines = len(log.read_text().splitlines())
    again = read_data_sets(downloaded(raw), raw, log)
    assert [rows.equals(other) for rows, other in zip(first.rows, again.rows, strict=True)] == [True, True]
    new_lines = [line for line in log.read_text().splitlines()[n_lines:] if line]
    assert ["/2.wav" in new_lines[0], "/3.wav" in new_lines[1]] == [True, True]  # the unreadable, the missing
    assert len(new_lines) == 2
