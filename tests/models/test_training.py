import json
from pathlib import Path

import numpy as np
import pytest
import torch

from timbre.features.windows import Windows
from timbre.models.network import CompactCnn, NetworkConfig
from timbre.models.training import LAST_FILE, TrainingConfig, masked_bce, train

SMALL = NetworkConfig(stem_channels=4, stages=((8, (2, 2), 0), (8, (2, 2), 0)), head_channels=16)
CONFIG = TrainingConfig(batch_size=8, batches_per_epoch=6, epochs=4, learning_rate=1e-2)
LABELS = ("low", "middle", "high")


@pytest.fixture(scope="module")
def windows(tmp_path_factory) -> Windows:
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
    return Windows(folder)


def run(windows: Windows, folder: Path, stop_after_epochs: int | None = None) -> CompactCnn:
    return train(windows, windows, folder, CONFIG, SMALL, progress=False, stop_after_epochs=stop_after_epochs)


def test_unknown_labels_have_no_loss():
    logits = torch.tensor([[2.0, -3.0]], requires_grad=True)
    masked_bce(logits, torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 0.0]])).backward()
    assert logits.grad is not None
    assert logits.grad[0, 0] != 0.0
    assert logits.grad[0, 1] == 0.0


@pytest.fixture(scope="module")
def through(windows, tmp_path_factory) -> CompactCnn:
    return run(windows, tmp_path_factory.mktemp("through"))


def test_it_learns(windows, tmp_path):
    config = TrainingConfig(batch_size=16, batches_per_epoch=40, epochs=2, learning_rate=1e-2)
    network = train(windows, windows, tmp_path, config, SMALL, progress=False)
    with torch.no_grad():
        logits = network(torch.from_numpy(windows.batch(np.arange(48))).float())
    assert (logits.argmax(1).numpy() == windows.targets.argmax(1)).mean() > 0.9


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(windows, through, tmp_path):
    run(windows, tmp_path, stop_after_epochs=2)
    assert (tmp_path / LAST_FILE).exists()
    resumed = run(windows, tmp_path)
    for (name, one), (_, other) in zip(
        through.state_dict().items(), resumed.state_dict().items(), strict=True
    ):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5, msg=name)


def test_a_finished_run_is_not_trained_again(windows, tmp_path):
    first = run(windows, tmp_path)
    second = run(windows, tmp_path)
    for one, other in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other)
