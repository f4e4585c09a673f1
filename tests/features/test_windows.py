import numpy as np
import pytest

from timbre.features import windows as module
from timbre.features.mixer import Mixer
from timbre.features.windows import Windows, read_plans, render_windows, write_plans

LABELS = ("cello", "flute", "snare_drum")
SHARD_WINDOWS = 12


@pytest.fixture(autouse=True, scope="module")
def _small_shards():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SHARD_WINDOWS", SHARD_WINDOWS)
        yield


@pytest.fixture(scope="module")
def rendered(tmp_path_factory, index, decoded):
    folder = tmp_path_factory.mktemp("windows") / "train"
    rows = index[index["split"] == "train"]
    write_plans(Mixer(rows), SHARD_WINDOWS + 8, "train", 0, folder)
    render_windows(read_plans(folder), rows, decoded, LABELS, folder)
    return folder, rows


def test_shards_read_as_one_list_of_windows(rendered):
    folder, _ = rendered
    windows = Windows(folder)
    assert len(windows) == SHARD_WINDOWS + 8
    assert windows.labels == LABELS
    assert windows.targets.shape == windows.known.shape == (SHARD_WINDOWS + 8, 3)
    last_shard = np.load(folder / "log_mel_00001.npy")
    np.testing.assert_array_equal(windows.log_mel(SHARD_WINDOWS + 3), last_shard[3])
    assert windows.batch(np.array([0, SHARD_WINDOWS])).shape == (2, 128, 300)


def test_an_interrupted_run_renders_only_what_is_missing(rendered, decoded):
    folder, rows = rendered
    before = np.load(folder / "log_mel_00001.npy")
    kept = (folder / "log_mel_00000.npy").stat().st_mtime_ns
    (folder / "log_mel_00001.npy").unlink()
    render_windows(read_plans(folder), rows, decoded, LABELS, folder)
    # A matrix product may round otherwise with another number of threads.
    np.testing.assert_allclose(np.load(folder / "log_mel_00001.npy"), before, atol=1e-2)
    assert (folder / "log_mel_00000.npy").stat().st_mtime_ns == kept


def test_each_split_draws_mixes_of_its_own(tmp_path, index):
    rows = index[index["split"] == "train"]
    for split in ("train", "test"):
        write_plans(Mixer(rows), 5, split, 0, tmp_path / split)
    seeds = [{plan.seed for plan in read_plans(tmp_path / split)} for split in ("train", "test")]
    assert not seeds[0] & seeds[1]
