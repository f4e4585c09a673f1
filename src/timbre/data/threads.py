"""Work that waits for hosts and disks, several pieces at a time."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from timbre.errors import TimbreError

N_AT_ONCE = 4  # unless the user says otherwise: more gain little and hosts mind

T = TypeVar("T")
R = TypeVar("R")


def each(
    work: Callable[[T], R],
    things: Iterable[T],
    n_at_once: int,
    on_interrupt: Callable[[], None] = lambda: None,
) -> tuple[list[tuple[T, R]], list[tuple[T, TimbreError]]]:
    """What came of the work, in order, and what failed; one failure stops no other piece.

    Any other exception, Ctrl-C among them, calls `on_interrupt`, drops what has not begun and is raised
    when the pieces under way have ended.
    """
    results, failures = [], []
    with ThreadPoolExecutor(n_at_once) as pool:
        futures = [(thing, pool.submit(work, thing)) for thing in things]
        try:
            for thing, future in futures:
                try:
                    results.append((thing, future.result()))
                except TimbreError as error:
                    failures.append((thing, error))
        except BaseException:
            on_interrupt()
            pool.shutdown(cancel_futures=True)
            raise
    return results, failures
