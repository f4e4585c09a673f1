"""`timbre average`: runs of other seeds, begun with one checkpoint, become one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from training_miniature import FREQUENCY_HZ, QUICK, places, timbre

from timbre.models.checkpoint import load_config
from timbre.models.network import SIZES
from timbre.models.stored_weights import load_weights, save_weights
from timbre.models.tagger import Tagger
from timbre.models.training import averaged_network

pytestmark = pytest.mark.timeout(400)  # three short trainings


@pytest.fixture(scope="module")
def siblings(notes, trained, tmp_path_factory) -> list[Path]:
    """Runs of two seeds."""
    runs = []
    for seed in (1, 2):
        work = tmp_path_factory.mktemp(f"seed{seed}")
        where = [*places(notes, work), "--windows", trained[0] / "windows"]
        beginning = ("--init", trained[0] / "model", "--seed", seed)
        done = timbre(
            "train", "--from", "clips", "--name", "one", *beginning, *QUICK[2:], "--epochs", 1, *where
        )
        assert done.exit_code == 0, done.output
        runs.append(work / "run")
    return runs


def average(notes: Path, trained: Path, out: Path, *runs: Path) -> object:
    where = [
        "--table",
        notes / "table",
        "--decoded",
        notes / "decoded",
        "--windows",
        trained / "windows" / "clips",
    ]
    return timbre("average", *runs, "--init", trained / "model", "--name", "mean", "--out", out, *where)


def test_it_is_a_checkpoint_of_their_mean_weights_that_names_what_they_name(
    notes, trained, siblings, tmp_path
):
    done = average(notes, trained[0], tmp_path / "mean", *siblings)
    assert done.exit_code == 0, done.output
    assert "test mAP" in done.output
    config, first = load_config(tmp_path / "mean"), load_config(trained[0] / "model")
    assert (config.name, config.labels, config.init) == ("mean", first.labels, first.full_name)
    tagger = Tagger.from_pretrained(tmp_path / "mean")
    for leaf in FREQUENCY_HZ:
        (segment, *_) = tagger.tag(notes / f"cy_{leaf}0.wav")
        assert config.labels[int(segment.probabilities.argmax())] == leaf
    ours = load_weights(tmp_path / "mean" / "model.safetensors")
    theirs = []
    for run in siblings:
        save_weights(averaged_network(run / "best.ckpt", first.labels, SIZES["small"]), tmp_path)
        theirs.append(load_weights(tmp_path / "model.safetensors"))
    for name, weights in ours.items():
        one, other = (stored[name] for stored in theirs)
        step = np.abs(weights).max() / 100 if weights.ndim > 1 else 1e-5
        assert name.endswith("num_batches_tracked") or np.abs(weights - (one + other) / 2).max() <= step, name
    assert any(not np.array_equal(theirs[0][name], theirs[1][name]) for name in ours)


def test_a_run_that_is_no_sibling_is_refused(notes, trained, siblings, tmp_path):
    other = shutil.copytree(siblings[1], tmp_path / "other")
    facts = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps({**facts, "digests": {**facts["digests"], "train": "0"}}))
    (tmp_path / "empty").mkdir()
    for run, sentence in (
        (trained[0] / "run", "began with random weights, not with three@"),
        (other, "holds a run with another digests."),
        (tmp_path / "empty", "holds no run."),
    ):
        done = average(notes, trained[0], tmp_path / "mean", siblings[0], run)
        assert done.exit_code == 1
        assert sentence in " ".join(done.output.split())
    assert {path.name for path in tmp_path.iterdir()} == {"other", "empty"}
