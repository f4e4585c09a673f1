import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from loopback_hosts import Hosts

from timbre.data.dataset import DataSet, Remote
from timbre.data.datasets import DATA_SETS
from timbre.data.download import download, items_of, needed_bytes
from timbre.data.lock import locked
from timbre.errors import TimbreError


def zip_bytes(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.txt", content)
    return buffer.getvalue()


ARCHIVES = {
    "zenodo/77/one.zip": zip_bytes(one=b"1" * 1000),
    "zenodo/77/two.zip": zip_bytes(two=b"2" * 50_000),
    "mirror/files.example/three.zip": zip_bytes(three=b"3" * 2000),
}


def data_set(name: str, *addresses: str) -> DataSet:
    remotes = tuple(Remote(address, 1_000) for address in addresses)
    return replace(DATA_SETS["irmas"], name=name, remotes=remotes, license="CC BY 4.0")


PAIR = data_set("pair", "zenodo:77/one.zip", "zenodo:77/two.zip")
SINGLE = data_set("single", "https://files.example/three.zip")


@pytest.fixture
def hosts(tmp_path, monkeypatch) -> Iterator[Hosts]:
    for name, content in ARCHIVES.items():
        path = tmp_path / "places" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.setattr("timbre.data.fetch.PAUSE_S", 0.01)
    with Hosts(tmp_path / "places") as running:
        for name, value in running.environment(kaggle=False).items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def raw(tmp_path) -> Path:
    return tmp_path / "raw"


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_archives_become_folders_with_a_receipt(hosts, raw):
    lines: list[str] = []
    assert download(items_of([PAIR, SINGLE], raw), say=lines.append) == []
    assert below(raw) == [
        "pair/.lock", "pair/one.txt", "pair/receipt.json", "pair/two.txt",
        "single/.lock", "single/receipt.json", "single/three.txt",
    ]  # fmt: skip
    assert not (raw / "pair" / "archives").exists()
    receipt = json.loads((raw / "pair" / "receipt.json").read_text())
    assert receipt["license"] == "CC BY 4.0"
    file = receipt["files"]["zenodo:77/two.zip"]
    content = ARCHIVES["zenodo/77/two.zip"]
    assert (file["size_bytes"], file["unpacked_files"], file["unpacked_bytes"]) == (len(content), 1, 50_000)
    assert file["md5"] == hashlib.md5(content).hexdigest()
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert sorted(line.partition(",")[0] for line in lines) == [
        "pair: one.zip", "pair: two.zip", "single: three.zip",
    ]  # fmt: skip


def test_what_the_receipt_lists_is_not_asked_for_again(hosts, raw):
    download(items_of([PAIR], raw))
    hosts.log.clear()
    with locked(raw / "pair"):
        assert download(items_of([PAIR], raw)) == []
    assert not hosts.log


def test_one_archive_that_fails_stops_no_other_and_comes_with_the_next_run(hosts, raw):
    hosts.fault("*one.zip*", cut_at=0.5)
    ((item, error),) = download(items_of([PAIR, SINGLE], raw))
    assert (item.remote.file_name, error.code) == ("one.zip", "download_failed")
    assert "pair/two.txt" in below(raw)
    assert "single/three.txt" in below(raw)
    assert "pair/one.txt" not in below(raw)
    hosts.heal()
    hosts.log.clear()
    assert download(items_of([PAIR, SINGLE], raw)) == []
    assert "pair/one.txt" in below(raw)
    assert [one.status for one in hosts.asked("*/content")] == [206]


def test_a_folder_that_is_there_is_not_a_data_set(hosts, raw):
    (raw / "pair").mkdir(parents=True)
    (raw / "pair" / "one.txt").write_text("left by somebody")
    download(items_of([PAIR], raw))
    assert (raw / "pair" / "one.txt").read_text() == "1" * 1000


def test_a_part_of_a_data_set_by_file_name(hosts, raw):
    assert [item.remote.file_name for item in items_of([PAIR, SINGLE], raw, "t*")] == ["two.zip", "three.zip"]
    download(items_of([PAIR], raw, "two*"))
    assert "pair/one.txt" not in below(raw)
    download(items_of([PAIR], raw))
    assert {"pair/one.txt", "pair/two.txt"} <= set(below(raw))


def test_archives_are_kept_if_so_wished(hosts, raw):
    download(items_of([SINGLE], raw), keep_archives=True)
    kept = raw / "single" / "archives" / "three.zip"
    assert kept.read_bytes() == ARCHIVES["mirror/files.example/three.zip"]


def test_an_archive_that_was_fetched_but_not_unpacked_is_not_fetched_again(hosts, raw):
    archive = raw / "single" / "archives" / "three.zip"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(ARCHIVES["mirror/files.example/three.zip"])
    assert download(items_of([SINGLE], raw)) == []
    assert hosts.asked("*") == []  # only a HEAD
    assert "single/three.txt" in below(raw)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"PK but no archive", "bad_archive"), (zip_bytes(**{"../out": b"x"}), "unsafe_archive")],
)
def test_a_bad_archive_goes_so_that_it_is_fetched_afresh(hosts, raw, content, code):
    place = hosts.folder / "mirror" / "files.example" / "three.zip"
    place.write_bytes(content)
    ((_, error),) = download(items_of([SINGLE], raw))
    assert error.code == code
    assert below(raw) == ["single/.lock"]
    place.write_bytes(ARCHIVES["mirror/files.example/three.zip"])
    assert download(items_of([SINGLE], raw)) == []


def test_what_a_killed_process_had_unpacked_takes_no_room(hosts, raw):
    left = raw / "pair" / "archives" / "one.zip.unpacked" / "half.wav"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    hosts.fault("*one.zip*", status=404)
    assert len(download(items_of([PAIR], raw))) == 1
    assert not left.exists()


def test_a_receipt_that_cannot_be_read_vouches_for_nothing(hosts, raw):
    download(items_of([SINGLE], raw))
    (raw / "single" / "receipt.json").write_bytes(b"")  # as a crash of the machine may leave it
    assert download(items_of([SINGLE], raw)) == []
    assert len(json.loads((raw / "single" / "receipt.json").read_text())["files"]) == 1


def test_a_folder_that_cannot_be_written_is_told(hosts, raw):
    raw.write_text("a file in its place")
    ((_, error),) = download(items_of([SINGLE], raw))
    assert error.message.startswith(str(raw))


def test_too_little_room_is_told_before_anything_is_fetched(hosts, raw, monkeypatch):
    monkeypatch.setenv("KAGGLE_API_TOKEN", "token")
    huge = replace(SINGLE, remotes=(Remote("kaggle:ann/drums", 10**17), *SINGLE.remotes))
    with pytest.raises(TimbreError, match=r"3\.5e\+05 TB are needed in .*, .* are free"):
        download(items_of([huge], raw))
    assert hosts.asked("*") == []


def test_room_is_needed_for_what_comes_out_and_for_the_archives_of_the_moment():
    sizes = [100, 10, 1]
    assert needed_bytes(sizes, n_at_once=2, keep_archives=False) == 2.5 * 111 + 110
    assert needed_bytes(sizes, n_at_once=2, keep_archives=True) == 2.5 * 111 + 111


def test_a_second_process_is_refused_and_a_dead_one_holds_nothing(hosts, raw):
    code = "import sys, time, pathlib; from timbre.data.lock import locked\n"
    code += "with locked(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    command = [sys.executable, "-c", code, str(raw / "single")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        ((item, error),) = download(items_of([SINGLE, PAIR], raw))
        assert (item.data_set.name, error.code) == ("single", "in_use")
        assert "pair/two.txt" in below(raw)
        other.kill()
    assert download(items_of([SINGLE], raw)) == []


def test_a_lock_is_let_go(tmp_path):
    for _ in range(2):
        with locked(tmp_path), pytest.raises(TimbreError, match="Another process"), locked(tmp_path):
            pass
