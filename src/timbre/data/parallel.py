"""One way to spread work: over the cores of this machine with joblib, or over a Dask cluster.

A task is a small picklable value, paths and numbers, and its function reads what is heavy where it
runs. So a cluster needs no more than this package and the same files under the same paths.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from joblib import Parallel, cpu_count, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from timbre.errors import TimbreError

Task = TypeVar("Task")
Result = TypeVar("Result")

TASKS_WORTH_A_PROCESS = 64
CONNECT_S, FIRST_WORKER_S = 10, 60


def n_jobs(n_tasks: int, tasks_worth_a_process: int = TASKS_WORTH_A_PROCESS) -> int:
    """Processes for joblib: starting one takes seconds, so little work stays in this one."""
    return max(1, min(cpu_count(), n_tasks // tasks_worth_a_process))


def spread(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    scheduler: str | None = None,
    tasks_worth_a_process: int = TASKS_WORTH_A_PROCESS,
) -> Iterator[Result]:
    """`function` of every task, in the order of the tasks, each as soon as it and those before are done.

    A task whose Dask worker dies is done again by another one, so what a function writes has to
    replace what was there (`timbre.files.atomic`).

    Parameters
    ----------
    scheduler
        Address of a Dask scheduler, `tcp://host:8786`; None: this machine.
    tasks_worth_a_process
        So many tasks make up for a process, or a message to the cluster.

    Raises
    ------
    TimbreError
        When nobody answers at the address, workers of the cluster do not find a file, or workers died
        with tasks of theirs.
    """
    if scheduler:
        return _on_cluster(function, tasks, scheduler, tasks_worth_a_process)
    return _on_this_machine(function, tasks, n_jobs(len(tasks), tasks_worth_a_process))


def _on_this_machine(
    function: Callable[[Task], Result], tasks: Sequence[Task], n_processes: int
) -> Iterator[Result]:
    results = Parallel(n_processes, return_as="generator")(delayed(function)(task) for task in tasks)
    try:
        yield from results
    except TerminatedWorkerError as error:
        raise TimbreError("workers_lost") from error


def _on_cluster(
    function: Callable[[Task], Result], tasks: Sequence[Task], scheduler: str, n_at_once: int
) -> Iterator[Result]:
    from distributed import CancelledError, KilledWorker

    batches = [tasks[start : start + n_at_once] for start in range(0, len(tasks), n_at_once)]
    client = _client(scheduler)
    waiting = deque(client.map(_all_of, batches, function=function, pure=False))
    try:
        while waiting:
            yield from waiting.popleft().result()
    except (KilledWorker, CancelledError) as error:
        raise TimbreError("workers_lost") from error
    except FileNotFoundError as error:
        raise TimbreError(
            "no_cluster",
            f"A worker of the Dask cluster does not find {error.filename}.",
            "All of them must see the same files under the same paths.",
        ) from error
    finally:
        client.cancel(list(waiting))
        client.close()


def _all_of(tasks: Sequence[Task], function: Callable[[Task], Result]) -> list[Result]:
    return [function(task) for task in tasks]


def _client(scheduler: str) -> Any:
    """A Dask client whose cluster has at least one worker."""
    from distributed import Client

    try:
        client = Client(scheduler, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise TimbreError("no_cluster", f"No Dask scheduler answers at {scheduler}.") from error
    try:
        client.wait_for_workers(1, timeout=FIRST_WORKER_S)
    except TimeoutError as error:
        client.close()
        raise TimbreError("no_cluster", f"The Dask scheduler at {scheduler} has no worker.") from error
    return client
