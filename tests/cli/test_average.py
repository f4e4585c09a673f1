"""`timbre average`: runs of other seeds, begun with one checkpoint, become one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import Result
from training_miniature import FREQUENCY_HZ, QUICK, places, timbre

from timbre.models.checkpoint import load_config
from timbre.models.network import SIZES
from timbre.models.sibling_runs import facts_of_runs
from timbre.models.stored_weights import load_weights, save_weights
from timbre.models.tagger import Tagger
from timbre.models.training import averaged_network

pytestmark = pytest.mark.timeout(400)  # four short trainings
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def siblings(notes, trained, tmp_path_factory) -> list[Path]:
    """Runs of three seeds, of which nothing was built."""
    runs = []
    for seed in SEEDS:
        work = tmp_path_factory.mktemp(f"seed{seed}")
        where = [*places(notes, work), "--windows", trained[0] / "windows"]
        own = ("--init", trained[0] / "model", "--seed", seed, "--epochs", 1, "--no-build")
        done = timbre("train", "--from", "clips", *QUICK[2:], *own, *where)
        assert done.exit_code == 0, done.output
        assert "test mAP" not in done.output
        assert {path.name for path in work.iterdir()} == {"run"}
        runs.append(work / "run")
    return runs


@pytest.fixture
def average(notes, trained):
    """The command, on the table and the windows that all learned from."""

    def run(out: Path, *runs: Path, init: Path = trained[0] / "model", windows: str = "windows") -> Result:
        where = ["--table", notes / "table", "--decoded", notes / "decoded"]
        where += ["--from", "clips", "--windows", trained[0] / windows, "--out", out]
        return timbre("average", *runs, "--init", init, "--name", "mean", *where)

    return run


def changed(run: Path, to: Path, **facts: object) -> Path:
    """A copy of a run that says otherwise of itself."""
    shutil.copytree(run, to)
    before = json.loads((run / "run.json").read_text())
    (to / "run.json").write_text(json.dumps({**before, **facts}))
    return to


def test_it_is_a_checkpoint_of_their_mean_weights_that_names_what_they_name(
    notes, trained, siblings, average, tmp_path
):
    for run in siblings:  # what counts is the best state, not the last
        (run / "last.ckpt").write_bytes(b"")
    rates = [json.loads((run / "run.json").read_text())["learning_rate"] for run in siblings]
    done = average(tmp_path / "mean", *siblings)
    assert done.exit_code == 0, done.output
    assert "test mAP" in done.output
    config, first = load_config(tmp_path / "mean"), load_config(trained[0] / "model")
    assert (config.name, config.labels, config.init) == ("mean", first.labels, first.full_name)
    assert [*config.mean_of] == [
        {"seed": seed, "learning_rate": rate, "epochs": 1} for seed, rate in zip(SEEDS, rates, strict=True)
    ]
    assert "The weights are the mean of those of 3 runs" in (tmp_path / "mean" / "README.md").read_text()
    assert first.mean_of == ()
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
        step = np.abs(weights).max() / 100 if weights.ndim > 1 else 1e-5
        mean = np.mean([stored[name] for stored in theirs], axis=0)
        assert name.endswith("num_batches_tracked") or np.abs(weights - mean).max() <= step, name
    assert any(not np.array_equal(theirs[0][name], theirs[1][name]) for name in ours)


def test_the_epochs_of_a_run_are_those_of_its_best_weights_not_those_that_it_was_to_have(siblings, tmp_path):
    longer = changed(siblings[0], tmp_path / "run", epochs=60)
    state = torch.load(longer / "best.ckpt", weights_only=False)
    for epoch in (0, 6):
        torch.save({**state, "epoch": epoch}, longer / "best.ckpt")
        assert [run["epochs"] for run in facts_of_runs([longer, siblings[1]])] == [epoch + 1, 1]


def test_a_run_that_is_no_sibling_is_refused(trained, siblings, average, tmp_path):
    digests = json.loads((siblings[0] / "run.json").read_text())["digests"]
    other_windows = changed(siblings[1], tmp_path / "other", digests={**digests, "train": "0"})
    undigested = changed(siblings[1], tmp_path / "undigested", targets_sha256="0")
    transformer = changed(siblings[1], tmp_path / "transformer", backbone="some/transformer")
    unvalidated = changed(siblings[1], tmp_path / "unvalidated")
    (unvalidated / "best.ckpt").unlink()
    (tmp_path / "empty").mkdir()
    for run, sentence in (
        (trained[0] / "run", "began with random weights, not with three@"),
        (other_windows, "runs that learned from clips need --from clips."),
        (undigested, "learned from other windows than those in"),
        (transformer, "is a run of a transformer. Leave it out"),
        (unvalidated, "was never validated. Let `timbre train` go on"),
        (tmp_path / "empty", "holds no run. Name a folder"),
    ):
        for runs in ((run, siblings[0]), (siblings[0], run)):
            done = average(tmp_path / "mean", *runs)
            assert done.exit_code == 1
            assert sentence in " ".join(done.output.split())
    assert not (tmp_path / "mean").exists()


@pytest.mark.parametrize(
    "facts", [{"network": None}, {"network": {}}, {"network": SIZES["base"].as_dict()}], ids=str
)
def test_a_run_that_does_not_know_its_network_is_damaged(siblings, average, tmp_path, facts):
    run = changed(siblings[1], tmp_path / "run", **facts)
    done = average(tmp_path / "mean", run, siblings[0])
    assert done.exit_code == 1
    assert "run.json is damaged." in " ".join(done.output.split())


def test_another_step_in_time_is_another_network(siblings, average, tmp_path):
    network = {**SIZES["small"].as_dict(), "stem_stride": [4, 4]}
    run = changed(siblings[1], tmp_path / "run", network=network)
    done = average(tmp_path / "mean", siblings[0], run)
    assert done.exit_code == 1
    assert f"{run} is of another network than {siblings[0]}." in " ".join(done.output.split())


def test_windows_that_are_not_there_are_named(siblings, average, tmp_path):
    done = average(tmp_path / "mean", *siblings, windows="nowhere")
    assert done.exit_code == 1
    assert "holds no windows." in done.output


def test_nothing_is_put_in_the_place_of_what_it_is_made_of(trained, siblings, average, tmp_path):
    model = shutil.copytree(trained[0] / "model", tmp_path / "model")
    for out, runs, sentence in (
        (model, siblings, "The new model would take the place of"),
        (siblings[0], siblings, "is one of the runs"),
        (tmp_path / "mean", siblings[:1], "at least two runs"),
        (tmp_path / "mean", [siblings[0], siblings[0]], "at least two runs"),
    ):
        done = average(out, *runs, init=model)
        assert done.exit_code == 2
        assert sentence in " ".join(done.output.split())
    assert not (tmp_path / "mean").exists()
