"""Windows into batches, in an order and with variations that depend on seed and epoch alone.

So a run that was interrupted and resumed sees just what it would have seen without the pause.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from timbre.features.windows import Windows
from timbre.models.augment import augment

Batch = tuple[Tensor, Tensor, Tensor]  # log-mel, targets, known


@dataclass(frozen=True)
class BatchPlan:
    """Which windows a batch holds, and the seed of its variation; None leaves them as they are."""

    numbers: NDArray[np.int64]
    seed: int | None


class BatchSampler(Sampler[BatchPlan]):
    """`n_batches` random batches an epoch; going on through the shuffled windows from epoch to epoch."""

    def __init__(self, n_windows: int, batch_size: int, n_batches: int, seed: int):
        self._n_windows, self._batch_size = n_windows, batch_size
        self._n_batches, self._seed = n_batches, seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before every epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self._n_batches

    def __iter__(self) -> Iterator[BatchPlan]:
        first = self.epoch * self._n_batches
        for number in range(first, first + self._n_batches):
            yield BatchPlan(self._numbers(number), self._seed * 1_000_003 + number)

    def _numbers(self, batch: int) -> NDArray[np.int64]:
        places = np.arange(batch * self._batch_size, (batch + 1) * self._batch_size)
        rounds = places // self._n_windows
        orders = {
            r: np.random.default_rng([self._seed, int(r)]).permutation(self._n_windows) for r in set(rounds)
        }
        return np.array([orders[r][p % self._n_windows] for r, p in zip(rounds, places, strict=True)])


class WindowBatches(Dataset[Batch]):
    """Whole batches of windows, varied if their plan says so."""

    def __init__(self, windows: Windows):
        self._windows = windows

    def __getitem__(self, plan: BatchPlan) -> Batch:
        log_mel = torch.from_numpy(self._windows.batch(plan.numbers)).float()
        targets = torch.from_numpy(self._windows.targets[plan.numbers]).float()
        known = torch.from_numpy(self._windows.known[plan.numbers]).float()
        if plan.seed is None:
            return log_mel, targets, known
        return augment(log_mel, targets, known, torch.Generator().manual_seed(plan.seed))


def train_loader(windows: Windows, batch_size: int, n_batches: int, seed: int) -> DataLoader[Batch]:
    """Batches for one epoch of training after another."""
    sampler = BatchSampler(len(windows), batch_size, n_batches, seed)
    return DataLoader(WindowBatches(windows), batch_size=None, sampler=sampler)


def plain_loader(windows: Windows, batch_size: int) -> DataLoader[Batch]:
    """Every window once, in order and unvaried."""
    starts = range(0, len(windows), batch_size)
    ends = [min(start + batch_size, len(windows)) for start in starts]
    plans = [BatchPlan(np.arange(start, end), None) for start, end in zip(starts, ends, strict=True)]
    return DataLoader(WindowBatches(windows), batch_size=None, sampler=plans)
