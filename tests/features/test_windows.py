import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dask_cluster import dask_cluster

from timbre.data.lock import locked
from timbre.errors import TimbreError
from timbre.features.manifest import write_plans
from timbre.features.mixer import Mixer
from timbre.features.windows import Windows, render_windows

LABELS = ("cello", "flute", "snare_drum")
SHARD_WINDOWS = 3
N_MIXES = 75
RENDER = f"""
import signal, sys
from pathlib import Path
from timbre.features.windows import render_windows
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of a shell ignore it
    render_windows(Path(sys.argv[1]), Path(sys.argv[2]), {LABELS}, shard_windows={SHARD_WINDOWS})
"""


@pytest.fixture(autouse=True, scope="module")
def _one_process():
    """What renders in this process does so alone, so that other numbers of processes have to agree."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOKY_MAX_CPU_COUNT", "1")
        yield


@pytest.fixture(scope="module")
def rows(index) -> pd.DataFrame:
    return index[index["split"] == "train"].reset_index(drop=True)


def drawn(folder: Path, rows: pd.DataFrame, n_mixes: int = N_MIXES, seed: int = 0) -> Path:
    write_plans(Mixer(rows), n_mixes, "train", seed, folder)
    return folder


def digests(folder: Path, files: str = "*.npy") -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob(files)}


def wait_for(files: str, folder: Path, at_least: int) -> None:
    deadline = time.monotonic() + 60
    while len(list(folder.glob(files))) < at_least:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory, rows, decoded) -> Path:
    folder = drawn(tmp_path_factory.mktemp("windows") / "train", rows)
    assert render_windows(folder, decoded, LABELS, shard_windows=SHARD_WINDOWS) == N_MIXES
    return folder


def test_shards_read_as_one_list_of_windows(rendered):
    windows = Windows(rendered)
    assert len(windows) == N_MIXES
    assert windows.labels == LABELS
    assert windows.targets.shape == windows.known.shape == (N_MIXES, 3)
    assert windows.log_mel(0).dtype == np.float16
    second_shard = np.load(rendered / "log_mel_00001.npy")
    np.testing.assert_array_equal(windows.log_mel(SHARD_WINDOWS + 2), second_shard[2])
    assert windows.batch(np.array([0, SHARD_WINDOWS])).shape == (2, 128, 300)
    assert 0 < windows.targets.mean() < 1


def test_a_run_that_was_interrupted_goes_on_and_gives_the_same_bits(rendered, rows, decoded, tmp_path):
    folder = drawn(tmp_path / "train", rows)
    command = [sys.executable, "-c", RENDER, str(folder), str(decoded)]
    two = {**os.environ, "LOKY_MAX_CPU_COUNT": "2"}
    run = subprocess.Popen(command, env=two, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_for("log_mel_*.npy", folder, 2)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does it
    assert run.wait(timeout=30) != 0
    there = {path.name: path.stat().st_mtime_ns for path in folder.glob("log_mel_*.npy")}
    assert 2 <= len(there) < N_MIXES / SHARD_WINDOWS
    with pytest.raises(TimbreError, match=f"of {N_MIXES} windows"):
        Windows(folder)
    # With another number of threads for matrix products.
    one = {**os.environ, "OPENBLAS_NUM_THREADS": "3"}
    done = subprocess.run(command, env=one, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert digests(folder) == digests(rendered)
    assert {name: (folder / name).stat().st_mtime_ns for name in there} == there
    assert not list(folder.glob(".*.npy"))


def test_on_a_cluster_that_loses_a_worker_nothing_is_lost_or_doubled(rendered, rows, decoded, tmp_path):
    folder = drawn(tmp_path / "train", rows)
    n_at_kill = []

    def kill_one(pid: int) -> None:
        wait_for("log_mel_*.npy", folder, 3)
        n_at_kill.append(len(list(folder.glob("log_mel_*.npy"))))
        os.kill(pid, signal.SIGKILL)

    with dask_cluster(tmp_path, n_workers=2) as cluster:
        cluster.wait_for_workers()
        killer = threading.Thread(target=kill_one, args=(cluster.workers[0].pid,))
        killer.start()
        render_windows(folder, decoded, LABELS, scheduler=cluster.address, shard_windows=SHARD_WINDOWS)
        killer.join()
        assert cluster.workers[0].wait() == -signal.SIGKILL
        assert cluster.workers[1].poll() is None
    assert n_at_kill[0] < N_MIXES / SHARD_WINDOWS
    assert digests(folder) == digests(rendered)
    assert len(Windows(folder)) == N_MIXES
    assert not list(folder.glob(".*.npy"))


def test_nothing_is_left_of_other_mixes(rows, decoded, tmp_path):
    folder = drawn(tmp_path, rows, 20)
    render_windows(folder, decoded, LABELS, shard_windows=SHARD_WINDOWS)
    before = digests(folder, "log_mel_*.npy")
    drawn(folder, rows, 14, seed=1)
    with pytest.raises(TimbreError, match="not of the mixes"):
        Windows(folder)
    render_windows(folder, decoded, LABELS, shard_windows=SHARD_WINDOWS)
    after = digests(folder, "log_mel_*.npy")
    assert len(after) == 5
    assert len(list(folder.glob("*.npy"))) == 15
    assert not set(after.values()) & set(before.values())
    assert len(Windows(folder)) == 14


@pytest.mark.parametrize("name", ["labels.json", "rendered.json", "log_mel_00000.npy", "known_00000.npy"])
def test_a_damaged_file_is_named_and_made_again_when_it_is_gone(rows, decoded, tmp_path, name):
    folder = drawn(tmp_path, rows, 4)
    render_windows(folder, decoded, LABELS)
    before = digests(folder)
    (folder / name).write_bytes((folder / name).read_bytes()[:7])
    with pytest.raises(TimbreError, match=rf"{name} is damaged\. Remove it and the \.npy files"):
        Windows(folder)
    for path in [folder / name, *folder.glob("*.npy")]:
        path.unlink(missing_ok=True)
    render_windows(folder, decoded, LABELS)
    assert digests(folder) == before


def test_one_process_at_a_time_draws_and_renders(rows, decoded, tmp_path):
    folder = drawn(tmp_path, rows, 4)
    with locked(folder):
        with pytest.raises(TimbreError, match="Another process"):
            render_windows(folder, decoded, LABELS)
        with pytest.raises(TimbreError, match="Another process"):
            drawn(folder, rows, 5)
    assert render_windows(folder, decoded, LABELS) == 4


def test_other_labels_are_rendered_anew(rows, decoded, tmp_path):
    folder = drawn(tmp_path, rows, 8)
    for labels in (LABELS, LABELS[:2]):
        render_windows(folder, decoded, labels)
        assert Windows(folder).targets.shape == (8, len(labels))


def test_a_folder_without_windows_says_how_to_make_them(tmp_path):
    with pytest.raises(TimbreError, match="timbre spectrograms"):
        Windows(tmp_path)


def test_without_mixes_there_are_no_windows(rows, decoded, tmp_path):
    folder = drawn(tmp_path, rows, 0)
    assert render_windows(folder, decoded, LABELS) == 0
    assert len(Windows(folder)) == 0
