"""Windows into batches, in an order and with variations that depend on seed and epoch alone.

So a run that was interrupted and resumed sees just what it would have seen without the pause.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
import torch.distributed
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Sampler

from timbre.models.any_of import held_groups, occurring_groups
from timbre.models.augment import augment
from timbre.models.balance import drawn_by_weight, rarity_weights
from timbre.models.prefetch import Prefetched

Batch = tuple[Tensor, Tensor, Tensor, Tensor]  # log-mel, targets, known, any_of
N_THREADS = 1  # that make batches; see docs/training.md


class Labelled(Protocol):
    """Examples of which it is known what they hold, as `timbre.features.windows.Windows` has it."""

    labels: tuple[str, ...]
    targets: NDArray[np.uint8]
    known: NDArray[np.uint8]
    any_of: NDArray[np.uint8]

    def __len__(self) -> int: ...


class WindowSource(Labelled, Protocol):
    """Examples that are windows: `timbre.features.windows.Windows`, or some of them."""

    def batch(self, numbers: NDArray[np.int64]) -> NDArray[np.float16]:
        """`(n, n_mels, n_frames)` in dB."""
        ...


@dataclass(frozen=True)
class BatchPlan:
    """Which windows a batch holds, and the seed of its variation; None leaves them as they are."""

    numbers: NDArray[np.int64]
    seed: int | None


def process_place() -> tuple[int, int]:
    """Number of this process among those that train together, and how many they are."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1


class BatchSampler(Sampler[BatchPlan]):
    """`n_batches` random batches an epoch; going on through the shuffled windows from epoch to epoch.

    Processes that train together divide the batches of an epoch among them.

    Parameters
    ----------
    weights
        `(n_windows,)`: how often each comes in a round, on an average of once; None: once.
    """

    def __init__(
        self,
        n_windows: int,
        batch_size: int,
        n_batches: int,
        seed: int,
        weights: NDArray[np.float64] | None = None,
    ):
        self._n_windows, self._batch_size = n_windows, batch_size
        self._n_batches, self._seed = n_batches, seed
        self._weights = weights
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before every epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        _, n_processes = process_place()
        return self._n_batches // n_processes

    def __iter__(self) -> Iterator[BatchPlan]:
        place, n_processes = process_place()
        first = self.epoch * self._n_batches
        for number in range(first + place, first + len(self) * n_processes, n_processes):
            yield BatchPlan(self._numbers(number), self._seed * 1_000_003 + number)

    def _numbers(self, batch: int) -> NDArray[np.int64]:
        places = np.arange(batch * self._batch_size, (batch + 1) * self._batch_size)
        rounds = places // self._n_windows
        orders = {r: self._order(int(r)) for r in set(rounds)}
        return np.array([orders[r][p % self._n_windows] for r, p in zip(rounds, places, strict=True)])

    def _order(self, round_number: int) -> NDArray[np.int64]:
        rng = np.random.default_rng([self._seed, round_number])
        if self._weights is None:
            return rng.permutation(self._n_windows)
        return drawn_by_weight(self._weights, rng)


class BatchMaker:
    """Makes the batch of a plan: windows, varied if the plan says so."""

    def __init__(self, windows: WindowSource):
        self._windows = windows

    def __call__(self, plan: BatchPlan) -> Batch:
        log_mel = torch.from_numpy(self._windows.batch(plan.numbers)).float()
        told = truth(self._windows, plan.numbers)
        if plan.seed is None:
            return (log_mel, *told)
        return augment(log_mel, *told, torch.Generator().manual_seed(plan.seed))


def truth(examples: Labelled, numbers: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
    """Targets, known labels and groups of some examples."""
    targets, known, any_of = (
        torch.from_numpy(array[numbers]).float()
        for array in (examples.targets, examples.known, examples.any_of)
    )
    return targets, known, any_of


def counted(examples: Labelled) -> NDArray[np.uint8]:
    """`(n, n_labels + k)`: what each example is counted for in balancing, its labels and its groups."""
    held = held_groups(examples.any_of, occurring_groups(examples.any_of))
    return np.hstack([examples.targets, held.astype(np.uint8)])


def train_loader(
    windows: WindowSource,
    batch_size: int,
    n_batches: int,
    seed: int,
    balance: float = 0.0,
    n_threads: int = N_THREADS,
) -> Prefetched[BatchPlan, Batch]:
    """Batches for one epoch of training after another; `balance` is the power of `rarity_weights`."""
    weights = rarity_weights(counted(windows), balance) if balance else None
    sampler = BatchSampler(len(windows), batch_size, n_batches, seed, weights)
    return Prefetched(BatchMaker(windows), sampler, n_threads)


def plain_plans(n_windows: int, batch_size: int) -> list[BatchPlan]:
    """Every window once, in order and unvaried."""
    starts = range(0, n_windows, batch_size)
    return [BatchPlan(np.arange(start, min(start + batch_size, n_windows)), None) for start in starts]


def plain_loader(windows: WindowSource, batch_size: int) -> Prefetched[BatchPlan, Batch]:
    """Every window once, in order and unvaried."""
    return Prefetched(BatchMaker(windows), plain_plans(len(windows), batch_size), N_THREADS)
