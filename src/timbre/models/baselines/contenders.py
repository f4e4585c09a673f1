"""The models that are compared: each learns from windows and gives a probability for every label."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from timbre.models.baselines.features import log_mel_statistics
from timbre.models.network import SIZES
from timbre.models.training import train
from timbre.models.training_config import TrainingConfig

LogMels = NDArray[np.float16]
Predict = Callable[[LogMels], NDArray[np.float64]]  # to `(n, n_labels)`, rows that add up to 1
N_TREES = 300
HIDDEN, MAX_MLP_ITERATIONS, MLP_ALPHA = (256,), 200, 1e-2
CNN_SIZE, CNN_BATCH_SIZE, CNN_EPOCHS = "small", 32, 10
_PREDICTED_AT_ONCE = 64


@dataclass(frozen=True)
class Task:
    """What a model learns from: windows and the place of each one's label among `n_labels`.

    All that could tell a label but the sound stays outside.
    """

    log_mel: LogMels
    label: NDArray[np.int64]
    n_labels: int
    seed: int


def random_forest(task: Task) -> Predict:
    """Trees over log-mel statistics, rare labels weighing as much as common ones."""
    forest = RandomForestClassifier(N_TREES, class_weight="balanced_subsample", random_state=task.seed)
    return _on_statistics(forest, task)


def mlp(task: Task) -> Predict:
    """A hidden layer over standardized log-mel statistics."""
    layers = MLPClassifier(HIDDEN, alpha=MLP_ALPHA, max_iter=MAX_MLP_ITERATIONS, random_state=task.seed)
    return _on_statistics(make_pipeline(StandardScaler(), layers), task)


def _on_statistics(model: Any, task: Task) -> Predict:
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it has learned enough long before
        model.fit(log_mel_statistics(task.log_mel), task.label)

    def predict(log_mel: LogMels) -> NDArray[np.float64]:
        out = np.zeros((len(log_mel), task.n_labels))
        with threadpool_limits(1):
            out[:, model.classes_] = model.predict_proba(log_mel_statistics(log_mel))
        return out

    return predict


def cnn(task: Task) -> Predict:
    """The tagger's own network, smallest size, trained as `timbre train` does without looking at a test."""
    windows = TaskWindows(task)
    config = TrainingConfig(
        batch_size=CNN_BATCH_SIZE,
        batches_per_epoch=max(1, len(windows) // CNN_BATCH_SIZE),
        epochs=CNN_EPOCHS,
        patience=0,
        seed=task.seed,
    )
    with TemporaryDirectory() as folder:
        # Nothing is held out to choose an epoch by: the last one is taken.
        trained = train(
            windows, windows, Path(folder), config, SIZES[CNN_SIZE], validate_every=CNN_EPOCHS, progress=False
        )

    def predict(log_mel: LogMels) -> NDArray[np.float64]:
        parts = np.array_split(log_mel, max(1, -(-len(log_mel) // _PREDICTED_AT_ONCE)))
        with torch.no_grad():
            logits = [trained.network(torch.from_numpy(part).float()) for part in parts]
        return torch.softmax(torch.cat(logits), dim=1).double().numpy()

    return predict


class TaskWindows:
    """The windows of a task as training reads them; see `timbre.models.dataset.WindowSource`."""

    def __init__(self, task: Task):
        self._log_mel = task.log_mel
        self.labels = tuple(str(place) for place in range(task.n_labels))
        self.targets = np.eye(task.n_labels, dtype=np.uint8)[task.label]
        self.known = np.ones_like(self.targets)
        self.any_of = np.zeros((len(self.targets), 0, task.n_labels), np.uint8)

    def __len__(self) -> int:
        return len(self.targets)

    def batch(self, numbers: NDArray[np.int64]) -> LogMels:
        """`(n, n_mels, n_frames)` in dB."""
        return self._log_mel[numbers]


CONTENDERS: dict[str, Callable[[Task], Predict]] = {"random_forest": random_forest, "mlp": mlp, "cnn": cnn}
