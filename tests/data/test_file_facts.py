import os
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from timbre.data import file_facts
from timbre.data.file_facts import EMPTY, MISSING, SILENT, UNREADABLE, FileFacts, examine, examined
from timbre.files import file_sha256

RATE_HZ = 8_000


@pytest.fixture
def good(tmp_path):
    paths = [tmp_path / f"{number}.wav" for number in range(3)]
    for number, path in enumerate(paths):
        sf.write(path, 0.1 * np.sin(np.arange(RATE_HZ * (number + 1)) / 5), RATE_HZ)
    return paths


def test_length_and_digest_of_a_good_file(good):
    facts = examine(str(good[1]))
    assert (facts.problem, facts.sha256) == ("", file_sha256(good[1]))
    assert facts.duration_s == pytest.approx(2.0)


def test_what_is_wrong_has_a_word(tmp_path, bad_files):
    silent, no_samples, quiet = (tmp_path / f"{name}.wav" for name in ("silent", "no_samples", "quiet"))
    sf.write(silent, np.zeros(RATE_HZ), RATE_HZ)
    sf.write(no_samples, np.zeros(0), RATE_HZ)
    sf.write(quiet, np.full(RATE_HZ, 1e-3), RATE_HZ)
    words = {
        silent: SILENT,
        no_samples: EMPTY,
        quiet: "",
        bad_files["empty"]: EMPTY,
        bad_files["text"]: UNREADABLE,
        tmp_path / "gone.wav": MISSING,
    }
    assert {path: examine(str(path)).problem for path in words} == words


def test_only_a_file_is_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")  # who opens it for reading waits for a writer
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "endless.wav").symlink_to("/dev/zero")
    assert {examine(str(path)).problem for path in tmp_path.iterdir()} == {UNREADABLE}


def test_what_could_not_be_read_is_tried_again(good, tmp_path, monkeypatch):
    log = tmp_path / "facts.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(file_facts, "examine", unreadable)  # as where its permissions forbid it
        assert examined(good[:1], log)[str(good[0])].problem == UNREADABLE
    assert examined(good[:1], log)[str(good[0])].problem == ""


def unreadable(path: str) -> FileFacts:
    status = Path(path).stat()
    return FileFacts(path, status.st_size, status.st_mtime_ns, problem=UNREADABLE)


def test_a_log_with_bytes_that_are_no_text_is_read_as_far_as_it_goes(good, tmp_path):
    log = tmp_path / "facts.jsonl"
    first = examined(good[:1], log)
    log.write_bytes(log.read_bytes() + b"\0\xff\xfe\n")
    assert examined(good[:1], log) == first


def test_known_facts_are_not_found_out_again(good, tmp_path, monkeypatch):
    log = tmp_path / "log" / "facts.jsonl"
    first = examined(good, log)
    size_bytes = log.stat().st_size
    assert examined(good, log) == first
    assert log.stat().st_size == size_bytes
    sf.write(good[0], 0.1 * np.ones(RATE_HZ // 2), RATE_HZ)  # another file under the same name
    again = examined(good, log)
    assert again[str(good[0])].duration_s == pytest.approx(0.5)
    assert again[str(good[1])] == first[str(good[1])]


def test_a_file_of_the_same_size_and_another_time_is_read_again(good, tmp_path):
    log = tmp_path / "facts.jsonl"
    first = examined(good[:1], log)[str(good[0])]
    sf.write(good[0], 0.2 * np.sin(np.arange(RATE_HZ) / 9), RATE_HZ)
    os.utime(good[0], ns=(first.mtime_ns, first.mtime_ns + 1))
    assert examined(good[:1], log)[str(good[0])].sha256 == file_sha256(good[0]) != first.sha256


def test_an_interrupted_run_goes_on(good, tmp_path, monkeypatch):
    log = tmp_path / "facts.jsonl"
    examined(good[:2], log)
    whole = log.read_text()
    log.write_text(whole[:-20])  # killed in the middle of the second line
    looked_at = []
    monkeypatch.setattr(file_facts, "examine", lambda path: looked_at.append(path) or examine(path))
    facts = examined(good, log)
    assert looked_at == [str(path) for path in good[1:]]
    assert [facts[str(path)].sha256 for path in good] == [file_sha256(path) for path in good]
    assert len(examined(good, log)) == 3
    assert len(looked_at) == 2
