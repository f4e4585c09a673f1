"""`timbre data download` and `timbre data freesound` as processes of their own, on hosts on loopback."""

import contextlib
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import termios
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from live_server import PATIENCE_S, until
from loopback_hosts import BLOCK_BYTES, Hosts

from timbre.cli import main

TIMBRE = str(Path(sys.executable).with_name("timbre"))
VOCALSET = "zenodo/1193957/VocalSet.zip"
MISD = "kaggle/soumendraprasad/musical-instruments-sound-dataset.zip"
NOISE = np.random.default_rng(0).bytes(300_000)


@pytest.fixture
def hosts(tmp_path) -> Iterator[Hosts]:
    for name in (VOCALSET, MISD):
        path = tmp_path / "places" / name
        path.parent.mkdir(parents=True)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{path.stem}/noise.bin", NOISE)
    with Hosts(tmp_path / "places") as running:
        yield running


@pytest.fixture
def start(hosts, tmp_path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `timbre data ...` without a Kaggle token; what still runs at the end of the test is ended."""
    processes = []
    environment = os.environ | hosts.environment(kaggle=False) | {"KAGGLE_CONFIG_DIR": str(tmp_path)}
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY"):
        environment.pop(name, None)

    def run(*arguments: object, **options) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment} | options
        command = [TIMBRE, "data", *(str(argument) for argument in arguments)]
        processes.append(subprocess.Popen(command, text=True, **pipes))
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def download(start, tmp_path) -> Callable[..., tuple[int, str, str]]:
    """Run `timbre data download` to its end: exit status, output, errors."""

    def run(*arguments: object, **options) -> tuple[int, str, str]:
        process = start("download", *arguments, "--raw", tmp_path / "raw", **options)
        output, errors = process.communicate(timeout=PATIENCE_S)
        return process.returncode, output, errors

    return run


def test_a_data_set_comes_once(download, tmp_path):
    status, output, _ = download("vocalset")
    assert status == 0
    assert "vocalset: VocalSet.zip, 300 kB, 1 files" in output
    assert (tmp_path / "raw" / "vocalset" / "VocalSet" / "noise.bin").read_bytes() == NOISE
    status, output, _ = download("vocalset")
    assert status == 0
    assert "VocalSet.zip is there already" in output
    assert "0 fetched, 1 there already, 0 failed" in output


def test_a_missing_token_stops_nothing_else(download, tmp_path):
    status, output, errors = download("vocalset", "misd")
    assert status == 1
    assert "misd: musical-instruments-sound-dataset.zip: Kaggle gives" in errors
    assert "https://www.kaggle.com/settings" in errors
    assert "Traceback" not in errors
    assert "1 fetched, 0 there already, 1 failed" in output
    assert (tmp_path / "raw" / "vocalset" / "receipt.json").exists()


def test_a_dry_run_asks_nobody_and_writes_nothing(download, hosts, tmp_path):
    status, output, _ = download("--dry-run")
    assert status == 0
    assert [line.split()[0] for line in output.splitlines()[1:-1]] == (
        ["fsdkaggle2018"] * 3 + ["irmas"] * 4 + ["misd", "philharmonia", "vocalset"]
    )
    row = next(line for line in output.splitlines() if line.startswith("vocalset"))
    assert re.search(r"VocalSet\.zip +[\d.]+ GB +to fetch +CC BY 4\.0 +zenodo:1193957/VocalSet\.zip$", row)
    assert re.search(
        r"10 of 10 files to fetch, about [\d.]+ GB; .* [\d.]+ GB are needed, .* are free", output
    )
    assert not hosts.log
    assert not (tmp_path / "raw").exists()


def test_wrong_names_are_answered_with_the_right_ones():
    def errors(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["data", "download", *arguments])
        assert done.exit_code == 2
        return done.output

    assert "vocalsett; there are fsdkaggle2018, irmas" in errors("vocalsett")
    assert "timbre data freesound" in errors("freesound")
    assert "No file of these data sets matches" in errors("vocalset", "--only", "*.tgz")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_what_was_interrupted_goes_on(start, download, hosts, tmp_path, how):
    hosts.fault("*VocalSet.zip*", bytes_per_s=30_000)  # ten seconds
    process = start("download", "vocalset", "--raw", tmp_path / "raw")
    part = tmp_path / "raw" / "vocalset" / "archives" / "VocalSet.zip.part"
    until(lambda: part.exists() and part.stat().st_size > 0)
    process.send_signal(how)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode != 0
    assert "Traceback" not in errors
    assert part.stat().st_size < len(NOISE)
    assert re.search(r"\d kB there +CC BY 4\.0", download("vocalset", "--dry-run")[1])
    hosts.heal()
    assert download("vocalset")[0] == 0
    # The answer that was cut off may be noted after the one that went on from there.
    until(lambda: sorted(one.status for one in hosts.asked("*VocalSet.zip*")) == [200, 206])
    assert (tmp_path / "raw" / "vocalset" / "VocalSet" / "noise.bin").read_bytes() == NOISE


@pytest.mark.parametrize("limit_bytes", [20_000, 100_000])
def test_a_full_disk_is_a_sentence_and_what_came_is_kept(download, hosts, tmp_path, limit_bytes):
    content = NOISE[:30_000] * 10
    with zipfile.ZipFile(hosts.folder / VOCALSET, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("VocalSet/noise.bin", content)
    archive_bytes = (hosts.folder / VOCALSET).stat().st_size
    assert 20_000 < archive_bytes < 100_000 < len(content)  # the disk ends in the one or in the other

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    status, _, errors = download("vocalset", preexec_fn=limit)
    assert status == 1
    assert "There is no room left in" in errors
    assert "Make room and run the same command again" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "raw" / "vocalset" / "VocalSet").exists()
    assert download("vocalset")[0] == 0
    assert (tmp_path / "raw" / "vocalset" / "VocalSet" / "noise.bin").read_bytes() == content
    assert sum(one.sent_bytes for one in hosts.asked("*VocalSet.zip*")) <= archive_bytes + BLOCK_BYTES


def read_terminal(descriptor: int) -> str:
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while piece := os.read(descriptor, 4_096):
            shown += piece
    os.close(descriptor)
    return shown.decode()


def test_the_terminal_shows_speed_and_time_left(start, hosts, tmp_path):
    hosts.fault("*VocalSet.zip*", bytes_per_s=300_000)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    process = start("download", "vocalset", "--raw", tmp_path / "raw", stderr=theirs)
    os.close(theirs)
    shown = read_terminal(ours)
    assert process.wait(PATIENCE_S) == 0
    bar = r": +\d+%\|[^|]*\| \d[\d.]*k?/300k \[\d\d:\d\d<\d\d:\d\d, +[\d.]+kB/s\]"
    assert re.search(f"VocalSet.zip{bar}", shown)
    assert re.search(f"all files{bar}", shown)


def test_freesound_needs_a_key_and_a_known_instrument(start, tmp_path, hosts):
    def freesound(*arguments: object, **options) -> tuple[int, str]:
        process = start("freesound", "--query", "banjo", "--out", tmp_path / "out", *arguments, **options)
        _, errors = process.communicate(timeout=PATIENCE_S)
        return process.returncode, errors

    status, errors = freesound("--label", "vuvuzela")
    assert status == 2
    assert "'vuvuzela' is no instrument; there are" in errors
    bare = {name: value for name, value in os.environ.items() if name != "FREESOUND_API_KEY"}
    status, errors = freesound("--label", "banjo", env=bare)
    assert status == 1
    assert errors.startswith("Error: Freesound answers only with an API key. Ask for one at https://")


def test_freesound_brings_clips_and_tells_of_broken_ones(start, hosts, tmp_path):
    from miniatures import freesound as miniature

    miniature.make(hosts.folder)
    arguments = ("freesound", "--query", "banjo", "--label", "banjo", "--license", "cc0", "--limit", 2)
    hosts.fault("*40000*", html=True)
    process = start(*arguments, "--out", tmp_path / "out")
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "not counted: https://freesound.org/people/ann/sounds/40000/" in output
    assert "2 new, 0 there already, 1 broken" in output
    hosts.heal()
    process = start(*arguments, "--out", tmp_path / "out")
    assert "1 new, 1 there already, 0 broken" in process.communicate(timeout=PATIENCE_S)[0]
    assert process.returncode == 0
