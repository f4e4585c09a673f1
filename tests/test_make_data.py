"""`make data SMOKE=1`: the whole way from hosts to windows, by the script that the target runs."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from live_server import until

from timbre.features.windows import Windows

ROOT = Path(__file__).parents[1]
MIX = "--train 24 --validation 8 --test 8"
PATIENCE_S = 120


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("data")


def start(data: Path, **variables: str) -> subprocess.Popen[str]:
    """The script as a shell would start it: in a process group of its own, which Ctrl-C reaches."""
    python = Path(sys.executable)
    environment = os.environ | {"TIMBRE": str(python.with_name("timbre")), "PYTHON": str(python), "MIX": MIX}
    return subprocess.Popen(
        [ROOT / "scripts" / "make_data.sh"],
        env=environment | {"DATA": str(data), "SMOKE": "1"} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_the_target_runs_the_script_with_what_was_said():
    command = ["make", "--dry-run", "--no-print-directory", "data", "SMOKE=1", "DATASETS=irmas nsynth"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("TIMBRE=.venv/bin/timbre PYTHON=.venv/bin/python scripts/make_data.sh\n")


def test_it_is_interrupted_and_goes_on_to_the_end(data):
    process = start(data)
    until(lambda: (data / "interim" / "facts.jsonl").exists() or process.poll() is not None, PATIENCE_S)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, said
    assert not (data / "processed").exists()

    process = start(data)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert "0 fetched, 14 there already, 0 failed" in said
    summary, raw, table, windows = said.rstrip().splitlines()[-4:]
    assert "clips" in summary
    assert [raw.split(":")[0], table.split(":")[0]] == [str(data / "raw"), str(data / "interim")]
    assert windows.startswith(str(data / "processed"))


def test_every_split_has_its_windows_of_its_own_clips(data):
    table = pd.read_parquet(data / "interim" / "metadata.parquet").set_index("clip_id")
    for split, n_mixes in (("train", 24), ("validation", 8), ("test", 8)):
        mixes = [json.loads(line) for line in (data / "processed" / split / "mixes.jsonl").open()]
        drawn = [clip for mix in mixes for source in mix["sources"] for clip in source["clips"]]
        assert set(table.loc[drawn, "split"]) == {split}
        windows = Windows(data / "processed" / split)
        assert len(windows) == len(mixes) == n_mixes
        log_mel = np.load(data / "processed" / split / "log_mel_00000.npy").astype(np.float32)
        assert np.isfinite(log_mel).all()
        assert (log_mel.std(axis=(1, 2)) > 1).all()  # dB: something sounds in every one


def test_what_cannot_be_fetched_stops_nothing_but_is_not_hidden(data, tmp_path):
    """Two data sets of which the hosts have one."""
    hosts = tmp_path / "hosts"
    (hosts / "zenodo").mkdir(parents=True)
    (hosts / "zenodo" / "1193957").symlink_to(data / "hosts" / "zenodo" / "1193957")
    (hosts / "complete").touch()
    process = start(tmp_path, DATASETS="vocalset irmas", MIX="--train 2 --validation 2 --test 2")
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1, said
    assert said.rstrip().endswith("Not everything could be fetched and read: see above.")
    assert (tmp_path / "processed" / "train").exists()
