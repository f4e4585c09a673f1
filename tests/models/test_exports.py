import csv
import io
import json

import jams
import numpy as np
import pytest
import webvtt

from timbre.models.exports import EXPORT_FORMATS
from timbre.models.tagged_song import TaggedSong

NAME = '../../曲<img>, "a"\n🎻\u200d=1+1 -->\r\n.mp3'


@pytest.fixture
def song() -> TaggedSong:
    return TaggedSong(
        name=NAME,
        model="tiny",
        duration_s=3661.25,
        labels=("violin", "drum_kit"),
        thresholds=np.array([0.5, 0.3], np.float32),
        bounds_s=np.array([(3658, 3659), (3659, 3660), (3660, 3661), (3661, 3661.25)]),
        probabilities=np.array([[0.9, 0.0], [0.75, 1.0], [0.1, 0.5], [0.2, 0.25]], np.float32),
    )


def written(song: TaggedSong, form: str) -> str:
    return EXPORT_FORMATS[form].write(song)


def test_json_holds_every_probability(song):
    read = json.loads(written(song, "json"))
    assert (read["file"], read["model"], read["duration_s"]) == (NAME, "tiny", 3661.25)
    assert read["segments"][1] == {
        "start_s": 3659.0,
        "end_s": 3660.0,
        "probabilities": {"violin": 0.75, "drum_kit": 1.0},
    }
    assert len(read["segments"]) == 4
    assert (read["schema_version"], read["thresholds"]) == (1, {"violin": 0.5, "drum_kit": 0.3})


def test_csv_is_read_by_the_csv_module(song):
    rows = list(csv.DictReader(io.StringIO(written(song, "csv"), newline="")))
    assert list(rows[0]) == ["file", "start_s", "end_s", "violin", "drum_kit"]
    assert [float(row["drum_kit"]) for row in rows] == [0.0, 1.0, 0.5, 0.25]
    assert rows[-1]["file"] == NAME
    assert float(rows[-1]["end_s"]) == 3661.25


def test_a_spreadsheet_does_not_take_the_name_for_a_formula(song):
    evil = TaggedSong(**{**vars(song), "name": "=1+1"})
    assert list(csv.reader(io.StringIO(written(evil, "csv"))))[1][0] == "'=1+1"


def test_audacity_labels_are_three_columns_and_tabs(song):
    lines = [line.split("\t") for line in written(song, "audacity").splitlines()]
    assert lines == [
        ["3658.000000", "3660.000000", "violin"],
        ["3659.000000", "3661.000000", "drum_kit"],
    ]


def test_webvtt_is_read_by_its_library(song, tmp_path):
    path = tmp_path / "song.vtt"
    path.write_text(written(song, "webvtt"))
    read = webvtt.read(str(path))
    captions = read.captions
    assert "model tiny, thresholds: violin=0.5 drum_kit=0.3" in path.read_text()
    assert [(c.start, c.end, c.text) for c in captions] == [
        ("01:00:58.000", "01:01:00.000", "violin 82%"),
        ("01:00:59.000", "01:01:01.000", "drum_kit 75%"),
    ]


def test_jams_is_valid_to_its_library(song, tmp_path):
    path = tmp_path / "song.jams"
    path.write_text(written(song, "jams"))
    read = jams.load(str(path), strict=True)
    assert read.validate()
    (annotation,) = read.search(namespace="tag_open")
    first = annotation.data[0]
    assert (first.time, first.duration, first.value) == (3658.0, 2.0, "violin")
    assert first.confidence == pytest.approx(0.825)
    assert read.file_metadata.title == NAME
    assert annotation.sandbox.thresholds == {"violin": 0.5, "drum_kit": 0.3}
    assert annotation.to_interval_values()[1] == ["violin", "drum_kit"]


def silent(n_segments: int) -> TaggedSong:
    """A song in which nothing is heard; also one of which nothing is known yet."""
    return TaggedSong(
        name=NAME,
        model="tiny",
        duration_s=float(n_segments),
        labels=("violin", "drum_kit"),
        thresholds=np.array([0.5, 0.3], np.float32),
        bounds_s=np.array([(i, i + 1) for i in range(n_segments)], float).reshape(-1, 2),
        probabilities=np.zeros((n_segments, 2), np.float32),
    )


@pytest.mark.parametrize("n_segments", [0, 3])
def test_a_song_without_any_instrument_is_read_by_the_same_readers(n_segments, tmp_path):
    song = silent(n_segments)
    assert len(json.loads(written(song, "json"))["segments"]) == n_segments
    rows = list(csv.DictReader(io.StringIO(written(song, "csv"), newline="")))
    assert [float(row["violin"]) for row in rows] == [0.0] * n_segments
    assert written(song, "audacity") == ""
    path = tmp_path / "song.vtt"
    path.write_text(written(song, "webvtt"))
    assert webvtt.read(str(path)).captions == []
    path = tmp_path / "song.jams"
    path.write_text(written(song, "jams"))
    read = jams.load(str(path), strict=True)
    assert read.validate()
    assert len(read.search(namespace="tag_open")[0].data) == 0


def test_a_models_name_cannot_break_out_of_a_webvtt_comment(song, tmp_path):
    evil = TaggedSong(**{**vars(song), "model": "x\n\n00:00.000 --> 00:01.000\nevil"})
    path = tmp_path / "song.vtt"
    path.write_text(written(evil, "webvtt"))
    assert all("evil" not in caption.text for caption in webvtt.read(str(path)).captions)


def test_exports_hold_the_models_own_numbers_whatever_the_threshold(song):
    before, after = (json.loads(written(one, "json")) for one in (song, song.with_threshold(0.95)))
    assert before["segments"] == after["segments"]
    assert after["thresholds"] == {"violin": 0.95, "drum_kit": 0.95}
