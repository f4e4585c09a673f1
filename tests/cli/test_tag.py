import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from timbre.cli import main
from timbre.cli.whole_file import clip_ids
from timbre.paths import DEFAULT_MODEL_DIR

TIMBRE = Path(sys.executable).with_name("timbre")


@pytest.fixture
def namesakes(wav, tmp_path) -> list[Path]:
    """One song under one name in two folders."""
    paths = [tmp_path / folder / "x.wav" for folder in "ab"]
    for path in paths:
        path.parent.mkdir()
        shutil.copy(wav, path)
    return paths


@pytest.fixture
def timbre(tiny_model):
    def run(*arguments):
        return CliRunner().invoke(main, ["tag", "--model", str(tiny_model), *map(str, arguments)])

    return run


def test_json_is_one_object_a_file_with_every_label(timbre, wav, bad_files, tiny_model):
    ran = timbre(wav, bad_files["text"], wav, "--format", "json", "--threshold", "0.9")
    first, bad, again = map(json.loads, ran.stdout.splitlines())
    assert ran.exit_code == 1
    assert first == again
    assert first["file"] == str(wav)
    assert first["duration_s"] == pytest.approx(7.25)
    assert len(first["segments"]) == 8
    labels = json.loads((tiny_model / "config.json").read_text())["labels"]
    assert all(list(segment["probabilities"]) == labels for segment in first["segments"])
    assert bad["error"]["code"] == "not_audio"
    assert set(bad["error"]) == {"code", "message", "hint"}


def test_csv_of_many_songs_has_one_header(timbre, wav):
    ran = timbre(wav, wav, "--format", "csv")
    rows = list(csv.reader(io.StringIO(ran.stdout, newline="")))
    assert ran.exit_code == 0
    assert len(rows) == 1 + 2 * 8
    assert rows[0][:3] == ["file", "start_s", "end_s"]
    assert {len(row) for row in rows} == {3 + 6}


def test_levels(timbre, wav):
    ran = timbre(wav, "--format", "json", "--level", "openmic")
    names = list(json.loads(ran.stdout)["segments"][0]["probabilities"])
    assert names == ["bass", "drums", "flute", "piano", "violin", "voice"]


def test_the_table_names_what_sounds(timbre, wav):
    ran = timbre(wav)
    assert ran.exit_code == 0
    assert "instrument" in ran.stdout
    assert "share" in ran.stdout
    quiet = timbre(wav, "--threshold", "1")
    assert "no instrument reaches its threshold" in quiet.stdout


@pytest.mark.parametrize("name", ["empty", "text", "image", "playlist", "random", "no_sound", "blip"])
def test_a_bad_file_is_one_sentence_and_a_hint(name, timbre, bad_files):
    ran = timbre(bad_files[name])
    assert ran.exit_code == 1
    assert len(ran.stderr.strip().splitlines()) == 1
    assert "Traceback" not in ran.output


def test_too_long_is_told_with_the_limit(timbre, wav):
    ran = timbre(wav, "--max-minutes", "0.05")
    assert ran.exit_code == 1
    assert "longer than 0.05 minutes" in ran.stderr


def test_files_are_written_beside_nothing_else(timbre, wav, tmp_path):
    out = tmp_path / "out"
    for form, suffix in (("audacity", ".txt"), ("webvtt", ".vtt"), ("jams", ".jams")):
        assert timbre(wav, "--format", form, "--out", out).exit_code == 0
        assert (out / f"song.wav{suffix}").is_file()
    assert len(list(out.iterdir())) == 3


def test_a_single_sound_has_one_name_and_the_confidence_of_each(timbre, wav):
    answer = json.loads(timbre(wav, "--single", "--format", "json").stdout)
    assert answer["instrument"] == max(answer["confidences"], key=answer["confidences"].get)
    assert len(answer["confidences"]) == 6
    assert timbre(wav, "--single").stdout.startswith(f"{wav}: {answer['instrument']}")


def test_single_sounds_in_csv_have_one_header_and_name_their_file(timbre, namesakes):
    answer = json.loads(timbre(namesakes[0], "--single", "--format", "json").stdout)
    expected = [[label, str(value)] for label, value in answer["confidences"].items()]
    for paths in (namesakes[:1], namesakes):
        ran = timbre(*paths, "--single", "--format", "csv")
        header, *rows = csv.reader(io.StringIO(ran.stdout, newline=""))
        assert header == ["file", "label", "confidence"]
        assert rows == [[str(path), *row] for path in paths for row in expected]


def test_the_header_comes_with_the_first_file_that_is_audio(timbre, wav, bad_files):
    ran = timbre(bad_files["text"], wav, wav, "--single", "--format", "csv")
    rows = list(csv.reader(io.StringIO(ran.stdout, newline="")))
    assert ran.exit_code == 1
    assert rows[0] == ["file", "label", "confidence"]
    assert [row[0] for row in rows[1:]] == 2 * 6 * [str(wav)]


def test_a_single_sound_whose_name_is_a_formula_is_inert(timbre, wav, tmp_path, monkeypatch):
    shutil.copy(wav, tmp_path / "=1+1.wav")
    monkeypatch.chdir(tmp_path)
    rows = csv.reader(io.StringIO(timbre("=1+1.wav", "--single", "--format", "csv").stdout, newline=""))
    assert {row[0] for row in rows} == {"file", "'=1+1.wav"}


@pytest.mark.parametrize("to_folder", [False, True])
def test_clips_of_one_name_have_ids_of_their_own(to_folder, timbre, namesakes, wav, tmp_path):
    files = [*namesakes, wav]
    options = ["--clip", "--format", "csv", *(("--out", tmp_path / "out") if to_folder else ())]
    texts = [timbre(*files, *options).stdout]
    if to_folder:
        texts = [(tmp_path / "out" / f"{n}.clip.csv").read_text() for n in ("x.wav", "x.wav-2", "song.wav")]
    rows = [row for text in texts for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert [row["clip_id"] for row in rows] == [*map(str, namesakes), wav.stem]


def test_a_clip_is_not_called_as_another_file_is():
    ids = clip_ids(["x.wav", "a/x.mp3", "b/x.wav.mp3", "c/y", "d/z.wav", "d/z.wav"])
    assert ids == {name: name for name in ("x.wav", "a/x.mp3", "b/x.wav.mp3")} | {"c/y": "y", "d/z.wav": "z"}


@pytest.mark.parametrize("form", ["audacity", "webvtt"])
def test_songs_that_cannot_share_a_stream_are_refused_before_any_is_tagged(form, wav, tmp_path, timbre):
    refused = CliRunner().invoke(main, ["tag", "--model", "no/model", "--format", form, str(wav), str(wav)])
    assert refused.exit_code == 2
    assert f"--format {form} holds one song: name one file, or a folder with --out." in refused.output
    assert timbre(wav, "--format", form).exit_code == 0
    assert timbre(wav, wav, "--format", form, "--out", tmp_path / "out").exit_code == 0
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_annotations_of_many_songs_are_an_object_a_line(timbre, namesakes):
    lines = timbre(*namesakes, "--format", "jams").stdout.splitlines()
    assert [json.loads(line)["file_metadata"]["title"] for line in lines] == [*map(str, namesakes)]


def test_wrong_usage_is_status_2(timbre, wav):
    assert timbre().exit_code == 2
    assert timbre(wav, "--format", "docx").exit_code == 2
    assert timbre(wav, "--threshold", "2").exit_code == 2
    assert timbre(wav, "--threshold", "nan").exit_code == 2
    assert timbre(wav, "--max-minutes", "nan").exit_code == 2
    assert CliRunner().invoke(main, ["sing"]).exit_code == 2


def test_a_missing_model_is_one_sentence(wav):
    ran = CliRunner().invoke(main, ["tag", "--model", "no/model/here", str(wav)])
    assert ran.exit_code == 1
    assert "There is no model folder no/model/here. Name a checkpoint's folder, or org/name" in ran.output


def test_a_folder_that_cannot_be_written_is_one_sentence(timbre, wav, tmp_path):
    (tmp_path / "file").touch()
    ran = timbre(wav, "--out", tmp_path / "file" / "out")
    assert ran.exit_code == 1
    assert "out cannot be read or written: Not a directory." in ran.stderr


def test_a_name_that_is_not_utf_8_is_shown_as_far_as_it_is(timbre, wav, tmp_path):
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.wav"))
    shutil.copy(wav, odd)
    out = tmp_path / "out"
    for form in ("json", "csv", "jams"):
        assert timbre(odd, wav, "--format", form, "--out", out).exit_code == 0
    assert len(list(out.iterdir())) == 6
    shown = json.loads(timbre(odd, "--format", "json").stdout_bytes.decode("utf-8"))["file"]
    assert shown.endswith("bad\N{REPLACEMENT CHARACTER}.wav")


def test_the_model_of_the_environment_is_the_default_here_too(tiny_model, wav):
    def labels(*arguments) -> int:
        command = ["tag", str(wav), "--format", "json", *arguments]
        ran = CliRunner().invoke(main, command, env={"TIMBRE_MODEL": str(tiny_model)})
        return len(json.loads(ran.stdout)["segments"][0]["probabilities"])

    assert labels() == 6
    assert labels("--model", str(DEFAULT_MODEL_DIR)) > 6


def test_a_pipe_is_a_file_like_others(tiny_model, wav):
    command = [TIMBRE, "tag", "--model", tiny_model, "--format", "json"]
    ran = subprocess.run(
        [*command, "/dev/stdin"], input=wav.read_bytes(), capture_output=True, timeout=120, check=True
    )
    assert len(json.loads(ran.stdout)["segments"]) == 8


def test_what_a_pipe_cannot_give_is_said(tiny_model, wav, encode):
    song = encode(wav, "end.m4a", "-af aloop=loop=-1:size=300000 -t 60 -b:a 128k").read_bytes()
    assert song.find(b"moov") > 1 << 16
    command = [TIMBRE, "tag", "--model", tiny_model, "/dev/stdin"]
    ran = subprocess.run(command, input=song, capture_output=True, timeout=120, check=False)
    assert ran.returncode == 1
    assert b"Give the file itself." in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="of Linux")
def test_a_full_disk_is_one_sentence(tiny_model, wav):
    command = [TIMBRE, "tag", "--model", tiny_model, "--format", "json", wav]
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False
        )
    assert ran.returncode == 1
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr
