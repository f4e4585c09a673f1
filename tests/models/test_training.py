import json
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from timbre.errors import TimbreError
from timbre.features.windows import Windows
from timbre.models.checkpoint import CheckpointConfig
from timbre.models.initial_weights import InitialWeights
from timbre.models.network import CompactCnn, NetworkConfig
from timbre.models.trainer import BEST_FILE, LAST_FILE, RUN_FILE, last_epochs_divisor, read_state
from timbre.models.training import Trained, averaged_network, train
from timbre.models.training_config import Hardware, TrainingConfig

SMALL = NetworkConfig(stem_channels=4, stages=((8, (2, 2), 0), (8, (2, 2), 0)), head_channels=16)
CONFIG = TrainingConfig(batch_size=8, batches_per_epoch=6, epochs=4, learning_rate=1e-2)
LABELS = ("low", "middle", "high")

# Trains as `run` does and says with which batch it begins.
CHILD = """if True:
    import sys
    from pathlib import Path
    import torch
    from timbre.features.windows import Windows
    from timbre.models.network import NetworkConfig
    from timbre.models.training import train
    from timbre.models.training_config import TrainingConfig

    class Telling(Windows):
        def batch(self, numbers):
            print("batch", flush=True)
            return super().batch(numbers)

    torch.set_num_threads(1)
    windows, run_dir, config, network = sys.argv[1:]
    data = Telling(Path(windows)), Windows(Path(windows))
    train(*data, Path(run_dir), eval(config), eval(network), progress=False)
"""


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    """With another number of threads sums are rounded otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def windows_dir(tmp_path_factory) -> Path:
    """Windows whose label is the third of the bands that is loud."""
    folder = tmp_path_factory.mktemp("windows")
    rng = np.random.default_rng(0)
    log_mel = rng.normal(-80, 3, (48, 128, 300))
    targets = np.eye(3, dtype=np.uint8)[rng.integers(3, size=48)]
    for window, target in zip(log_mel, targets, strict=True):
        third = int(target.argmax()) * 40
        window[third : third + 40] += 40
    np.save(folder / "log_mel_00000.npy", log_mel.astype(np.float16))
    np.save(folder / "targets_00000.npy", targets)
    np.save(folder / "known_00000.npy", np.ones_like(targets))
    (folder / "labels.json").write_text(json.dumps(LABELS))
    return folder


@pytest.fixture(scope="module")
def windows(windows_dir) -> Windows:
    return Windows(windows_dir)


def run(windows: Windows, folder: Path, config: TrainingConfig = CONFIG, **options) -> Trained:
    return train(windows, windows, folder, config, SMALL, progress=False, **options)


def assert_same_weights(one: torch.nn.Module, other: torch.nn.Module) -> None:
    for (name, a), (_, b) in zip(one.state_dict().items(), other.state_dict().items(), strict=True):
        assert torch.equal(a, b), name


def logged(folder: Path, column: str) -> pd.Series:
    logs = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("log/*/metrics.csv"))])
    return logs[column].dropna() if column in logs else pd.Series(dtype=float)


@pytest.fixture(scope="module")
def through(windows, tmp_path_factory) -> tuple[Trained, Path]:
    folder = tmp_path_factory.mktemp("through")
    return run(windows, folder), folder


def test_it_learns(windows, tmp_path):
    config = TrainingConfig(batch_size=16, batches_per_epoch=40, epochs=2, learning_rate=1e-2)
    trained = run(windows, tmp_path, config)
    with torch.no_grad():
        logits = trained.network(torch.from_numpy(windows.batch(np.arange(48))).float())
    assert (logits.argmax(1).numpy() == windows.targets.argmax(1)).mean() > 0.9
    assert trained.validation_map == pytest.approx(logged(tmp_path, "validation_map").max(), abs=1e-6)


def test_a_run_killed_in_the_middle_of_an_epoch_ends_where_another_one_does(
    windows_dir, windows, through, tmp_path
):
    command = [sys.executable, "-c", CHILD, str(windows_dir), str(tmp_path), repr(CONFIG), repr(SMALL)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        for _ in range(2 * CONFIG.batches_per_epoch + 4):  # two are made ahead
            assert child.stdout.readline() == "batch\n", child.stderr.read()
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert 0 < read_state(tmp_path / LAST_FILE)["global_step"] < CONFIG.epochs * CONFIG.batches_per_epoch
    assert_same_weights(run(windows, tmp_path).network, through[0].network)


def test_a_run_that_is_told_to_end_does_not_end_as_if_it_were_done(windows_dir, tmp_path):
    config = replace(CONFIG, epochs=10_000)
    command = [sys.executable, "-c", CHILD, str(windows_dir), str(tmp_path), repr(config), repr(SMALL)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        for _ in range(4):
            assert child.stdout.readline() == "batch\n", child.stderr.read()
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=120)
    assert child.returncode == 128 + signal.SIGTERM


def test_a_finished_run_is_not_trained_again(windows, through):
    trained, folder = through
    again = run(windows, folder)
    assert_same_weights(again.network, trained.network)
    assert again.waiting_share is None
    assert again.validation_map == trained.validation_map


def test_everything_is_logged_as_csv_and_for_tensorboard(through):
    trained, folder = through
    names = ("train_loss", "validation_loss", "validation_map", "validation_lrap", "waiting_share")
    assert [len(logged(folder, name)) for name in names] == [CONFIG.epochs] * len(names)
    assert 0 <= trained.waiting_share <= 1
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(next(folder.glob("tensorboard/*")))).Reload()
    assert set(names) <= set(events.Tags()["scalars"])


def test_the_best_epoch_is_kept_and_patience_ends_the_run(windows, tmp_path):
    # So fast that it gets lost: validation mAP stops rising at once.
    config = replace(CONFIG, learning_rate=5.0, epochs=12, patience=2, balance=0.0)
    trained = run(windows, tmp_path, config)
    scores = logged(tmp_path, "validation_map").tolist()
    assert len(scores) < config.epochs
    assert len(scores) - 1 - int(np.argmax(scores)) == config.patience
    assert trained.validation_map == pytest.approx(max(scores), abs=1e-6)
    assert_same_weights(trained.network, averaged_network(tmp_path / BEST_FILE, LABELS, SMALL))
    again = run(windows, tmp_path, config)
    assert len(logged(tmp_path, "validation_map")) == len(scores)
    assert_same_weights(again.network, trained.network)


def test_weights_that_are_no_numbers_are_said(windows, tmp_path):
    with pytest.raises(TimbreError) as diverged:
        run(windows, tmp_path, replace(CONFIG, learning_rate=float("nan")))
    assert diverged.value.code == "diverged"


def test_patience_may_change_when_a_run_goes_on(windows, tmp_path):
    config = replace(CONFIG, learning_rate=5.0, epochs=12, patience=1, balance=0.0)
    for patience in (1, 3):
        run(windows, tmp_path, replace(config, patience=patience))
        found = logged(tmp_path, "validation_map").to_numpy()
        assert len(found) < config.epochs
        assert len(found) - 1 - found.argmax() == patience  # validations since the best one


@pytest.mark.parametrize("name", [LAST_FILE, RUN_FILE])
def test_a_damaged_state_is_named(windows, through, tmp_path, name):
    folder = shutil.copytree(through[1], tmp_path / "run")
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(TimbreError, match=f"{name} is damaged"):
        run(windows, folder)


def test_a_state_is_written_in_its_own_folder(windows, tmp_path, monkeypatch):
    """Elsewhere it may lie on another file system, and would be copied over the last one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    run(windows, tmp_path / "run", replace(CONFIG, epochs=1))
    states = [path.name for path in (tmp_path / "run").iterdir() if path.suffix == ".ckpt"]
    assert sorted(states) == [BEST_FILE, LAST_FILE]


def test_the_state_of_another_run_is_not_gone_on_with(windows, through):
    _, folder = through
    with pytest.raises(TimbreError, match="another learning_rate, seed"):
        run(windows, folder, replace(CONFIG, learning_rate=0.1, seed=5))


def test_a_longer_run_may_go_on(windows, tmp_path):
    short = replace(CONFIG, epochs=1)
    run(windows, tmp_path, short)
    run(windows, tmp_path, replace(short, epochs=2))
    assert read_state(tmp_path / LAST_FILE)["global_step"] == 2 * CONFIG.batches_per_epoch


def test_a_split_without_instruments_is_named(windows_dir, windows, tmp_path):
    silent = Windows(windows_dir)
    silent.targets = np.zeros_like(silent.targets)
    with pytest.raises(TimbreError, match="No instrument is known to sound in the validation split"):
        train(windows, silent, tmp_path, CONFIG, SMALL, progress=False)
    assert not list(tmp_path.iterdir())


def test_a_split_in_which_nothing_is_known_to_be_absent_is_named(windows_dir, windows, tmp_path):
    open_ended = Windows(windows_dir)
    open_ended.known = open_ended.targets.copy()
    with pytest.raises(TimbreError, match="validation split it is known where it does not sound"):
        train(windows, open_ended, tmp_path, CONFIG, SMALL, progress=False)
    assert not list(tmp_path.iterdir())


def test_groups_alone_are_learned_from_and_validated(windows_dir, tmp_path):
    """Of each window it is only known to be low or middle, or not to be; high is never asked for."""
    told = Windows(windows_dir)
    is_low = told.targets[:, :2].any(axis=1)
    told.any_of = (is_low[:, None, None] * np.array([[[1, 1, 0]]])).astype(np.uint8)
    told.known = (~is_low[:, None] * np.array([[1, 1, 0]])).astype(np.uint8)
    told.targets = np.zeros_like(told.known)
    trained = run(told, tmp_path, replace(CONFIG, batch_size=16, batches_per_epoch=40, epochs=2))
    assert trained.validation_map > 0.95
    with torch.no_grad():
        logits = trained.network(torch.from_numpy(told.batch(np.arange(48))).float()).numpy()
    either = logits[:, :2].max(axis=1)
    assert either[is_low].mean() > 0 > either[~is_low].mean()


def test_a_run_begins_with_the_weights_that_it_is_given(windows, through, tmp_path):
    given = InitialWeights(checkpoint_config("given", ("high", "other", "low", "middle")), network_of_four())
    still = replace(CONFIG, epochs=1, learning_rate=1e-12)
    begun = run(windows, tmp_path, still, initial=given).network.state_dict()
    rows = [given.config.labels.index(label) for label in LABELS]
    for name, weights in given.network.named_parameters():
        expected = weights[rows] if name.startswith("head.") else weights
        torch.testing.assert_close(begun[name], expected.detach(), atol=1e-6, rtol=0)
    with pytest.raises(TimbreError, match="holds a run with another init"):
        run(windows, tmp_path, still)


def checkpoint_config(name: str, labels: tuple[str, ...]) -> CheckpointConfig:
    of_labels = dict.fromkeys(labels, 1.0)
    front = {"front_end": {}, "context_s": 3.0, "calibration": {"scale": of_labels, "bias": of_labels}}
    return CheckpointConfig(name, labels, thresholds=of_labels, sha256={"model.onnx": "0" * 64}, **front)


def network_of_four() -> CompactCnn:
    torch.manual_seed(7)
    return CompactCnn(4, SMALL).eval()


@pytest.mark.parametrize("wrong", [{"devices": "none"}, {"accelerator": "abacus"}, {"precision": "12"}])
def test_hardware_that_lightning_refuses_is_one_sentence(windows, tmp_path, wrong):
    with pytest.raises(TimbreError, match="Lightning cannot train like this") as refused:
        run(windows, tmp_path, hardware=Hardware(**wrong))
    assert "\n" not in str(refused.value)


def test_precision_is_passed_on(windows, tmp_path):
    trained = run(windows, tmp_path, replace(CONFIG, epochs=1), hardware=Hardware(precision="bf16-mixed"))
    assert np.isfinite(trained.validation_map)


@pytest.mark.parametrize(("epochs", "asked", "done"), [(20, 6, 5), (20, 2, 2), (7, 2, 1), (3, 9, 3)])
def test_the_last_epoch_is_always_validated(epochs, asked, done):
    assert last_epochs_divisor(epochs, asked) == done
