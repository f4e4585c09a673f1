"""Batches made ahead in threads, in their order, and the time for which training had to wait for them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from time import perf_counter
from typing import Any, Generic, TypeVar

Plan = TypeVar("Plan")
Made = TypeVar("Made")


class Prefetched(Generic[Plan, Made]):
    """`make` of every plan of `sampler`, the next ones under way while one is used.

    Threads suffice: reading, FFT and torch let go of the interpreter's lock.

    Parameters
    ----------
    sampler
        Plans in order, with a length; Lightning tells it the epoch if it has `set_epoch`.
    n_threads
        0: made when asked for.
    """

    batch_sampler = None  # Lightning asks for it where there is a sampler

    def __init__(self, make: Callable[[Plan], Made], sampler: Iterable[Plan], n_threads: int):
        self._make, self.sampler, self._n_threads = make, sampler, n_threads
        self.waited_s = 0.0  # since iteration began

    def __len__(self) -> int:
        n: Any = self.sampler
        return len(n)

    def __iter__(self) -> Iterator[Made]:
        self.waited_s = 0.0
        made = self._made_ahead() if self._n_threads else map(self._make, self.sampler)
        while True:
            asked = perf_counter()
            try:
                one = next(made)
            except StopIteration:
                return
            self.waited_s += perf_counter() - asked
            yield one

    def _made_ahead(self) -> Iterator[Made]:
        plans = iter(self.sampler)
        pool = ThreadPoolExecutor(self._n_threads, "prefetch")
        waiting: deque[Future[Made]] = deque()
        try:
            waiting.extend(pool.submit(self._make, plan) for plan in islice(plans, self._n_threads + 1))
            while waiting:
                one = waiting.popleft().result()
                waiting.extend(pool.submit(self._make, plan) for plan in islice(plans, 1))
                yield one
        finally:
            pool.shutdown(cancel_futures=True)
