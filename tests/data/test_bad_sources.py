"""Hosts that fail and files that are spoiled: what is good is kept, what is not is named."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from loopback_hosts import Hosts
from miniatures import build, fsdkaggle2018, irmas, misd, philharmonia, spoiled, vocalset
from miniatures.archives import write, zipped

from timbre.data.table import read_table

TRAINING = f"zenodo/{irmas.RECORD}/IRMAS-TrainingData.zip"
META = f"zenodo/{fsdkaggle2018.RECORD}/FSDKaggle2018.meta.zip"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw"


@pytest.fixture
def places(tmp_path: Path) -> Path:
    return tmp_path / "places"


def changed(archive: Path, files: dict[str, bytes]) -> None:
    """Put files into a zip, in the place of those with their names."""
    with zipfile.ZipFile(archive) as source:
        there = {name: source.read(name) for name in source.namelist()}
    write(archive, zipped(there | files))


def test_a_cut_connection_goes_on_where_it_was(places, raw):
    build(places, ("irmas",))
    size_bytes = (places / TRAINING).stat().st_size
    with Hosts(places) as hosts:
        hosts.fault("*TrainingData*", cut_at=0.6, times=1)
        done = hosts.timbre("data", "download", "irmas", "--only", "*Training*", "--raw", raw)
        assert done.returncode == 0, done.stderr
        cut, rest = hosts.asked("*TrainingData*")
    assert cut.sent_bytes == int(0.6 * size_bytes)
    assert rest.status == 206
    assert rest.headers["range"] == f"bytes={cut.sent_bytes}-"
    assert cut.sent_bytes + rest.sent_bytes == size_bytes


def test_an_interrupted_download_is_resumed_by_the_next_run(places, raw):
    build(places, ("irmas",))
    size_bytes = (places / TRAINING).stat().st_size
    here_bytes = int(0.6 * size_bytes)
    with Hosts(places) as hosts:
        hosts.fault("*TrainingData*", cut_at=0.6)
        done = hosts.timbre("data", "download", "irmas", "--raw", raw)
        assert done.returncode == 1
        assert "IRMAS-TrainingData.zip" in done.stderr
        assert not (raw / "irmas" / "IRMAS-TrainingData").exists()
        assert (raw / "irmas" / "IRMAS-TestingData-Part3").exists()  # the others went on
        hosts.heal()
        hosts.log.clear()
        assert hosts.timbre("data", "download", "irmas", "--raw", raw).returncode == 0
        (rest,) = hosts.asked("*/files/*")
    assert rest.headers["range"] == f"bytes={here_bytes}-"
    assert rest.sent_bytes == size_bytes - here_bytes
    assert len(list((raw / "irmas" / "IRMAS-TrainingData").rglob("*.wav"))) == 33


def test_wrong_bytes_are_refused_and_fetched_afresh(places, raw):
    build(places, ("irmas",))
    with Hosts(places) as hosts:
        hosts.fault("*Part2*", wrong_bytes=True, times=1)
        done = hosts.timbre("data", "download", "irmas", "--raw", raw)
        assert done.returncode == 1
        assert "IRMAS-TestingData-Part2.zip" in done.stderr
        assert "MD5" in done.stderr
        assert not list(raw.rglob("*Part2*"))
        assert hosts.timbre("data", "download", "irmas", "--raw", raw).returncode == 0
    assert (raw / "irmas" / "IRMAS-TestingData-Part2").exists()


def test_an_archive_that_wants_out_stays_in(places, raw, tmp_path):
    build(places, ("vocalset",))
    write(places / philharmonia.PLACE, spoiled.escaping_zip())
    with Hosts(places) as hosts:
        done = hosts.timbre("data", "download", "philharmonia", "vocalset", "--raw", raw)
    assert done.returncode == 1
    assert "all-samples.zip" in done.stderr
    assert not list(tmp_path.rglob("escaped.txt"))
    assert not list(raw.rglob("good.txt"))
    assert (raw / "vocalset" / "VocalSet").exists()


def test_without_a_token_for_kaggle_all_else_goes_on(places, raw):
    build(places, ("misd", "vocalset"))
    with Hosts(places) as hosts:
        done = hosts.timbre("data", "download", "misd", "vocalset", "--raw", raw, kaggle=False)
        assert done.returncode == 1
        assert "KAGGLE_API_TOKEN" in done.stderr
        assert not hosts.asked("*/datasets/download/*")
        assert (raw / "vocalset" / "VocalSet").exists()
        assert hosts.timbre("data", "download", "misd", "--raw", raw).returncode == 0
        asked, given = hosts.asked(f"*{misd.NAME}*")
    assert asked.headers["authorization"].startswith("Bearer ")
    assert given.host == "storage"
    assert "authorization" not in given.headers


def test_an_unknown_label_is_named(places, raw, tmp_path):
    build(places, ("fsdkaggle2018", "vocalset"))
    with zipfile.ZipFile(places / META) as archive:
        name = f"{fsdkaggle2018.META}/train_post_competition.csv"
        rows = archive.read(name).replace(b",Gong,", b",Vuvuzela,", 1)
    changed(places / META, {name: rows})
    with Hosts(places) as hosts:
        assert hosts.timbre("data", "download", "fsdkaggle2018", "vocalset", "--raw", raw).returncode == 0
        done = hosts.timbre("data", "metadata", "--raw", raw, "--table", tmp_path / "table")
    assert done.returncode == 1
    assert "Vuvuzela" in done.stderr
    assert "train_post_competition.csv" in done.stderr
    assert set(read_table(tmp_path / "table")["dataset"]) == {"vocalset"}


def test_spoiled_files_are_counted_and_the_good_ones_kept(places, raw, tmp_path):
    good = build(places, ("vocalset",))
    folder = "VocalSet/FULL/male1/scales/straight"
    bad = {f"{folder}/m1_{name}.wav": content for name, content in spoiled.FILES.items()}
    changed(places / vocalset.PLACE, bad)
    table = tmp_path / "table"
    with Hosts(places) as hosts:
        assert hosts.timbre("data", "download", "vocalset", "--raw", raw).returncode == 0
        done = hosts.timbre("data", "metadata", "--raw", raw, "--table", table)
    assert done.returncode == 0, done.stderr
    assert "4 clips cannot be used" in done.stdout
    assert sorted(read_table(table)["path"]) == sorted(clip.path for clip in good)
    problems = pd.read_csv(table / "problems.csv").dropna().set_index("path")["problem"]
    assert problems.to_dict() == {
        f"{folder}/m1_empty.wav": "empty",
        f"{folder}/m1_silent.wav": "silent",
        f"{folder}/m1_text.wav": "unreadable",
        f"{folder}/m1_truncated.wav": "unreadable",
    }
