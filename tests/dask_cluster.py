"""A Dask cluster on loopback: a scheduler and workers, each a process of its own."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from distributed import Client

START_S = 60.0
POLL_S = 0.05


@dataclass
class Cluster:
    """`workers` in the order in which they were started; any of them may be killed."""

    address: str
    workers: list[subprocess.Popen[bytes]]

    def wait_for_workers(self) -> None:
        """Until all of them have joined."""
        with Client(self.address) as client:
            client.wait_for_workers(len(self.workers), timeout=START_S)


@contextlib.contextmanager
def dask_cluster(folder: Path, n_workers: int) -> Iterator[Cluster]:
    """Start it, and end every process of it however the block ends."""
    processes: list[subprocess.Popen[bytes]] = []
    dask = Path(sys.executable).with_name("dask")
    file = folder / "scheduler.json"
    log = (folder / "dask.log").open("wb")
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent),  # workers find the tasks of cluster_tasks.py
        "DASK_TEMPORARY_DIRECTORY": str(folder),
    }

    def start(*arguments: object) -> subprocess.Popen[bytes]:
        command = [str(dask), *map(str, arguments)]
        processes.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log))
        return processes[-1]

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", 0, "--scheduler-file", file, "--no-dashboard")
        address = _address(file)
        # Without a nanny nobody starts a killed worker again.
        options = ("--nthreads", 1, "--no-nanny", "--no-dashboard")
        yield Cluster(address, [start("worker", address, *options) for _ in range(n_workers)])
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()
        log.close()


def _address(file: Path) -> str:
    """The scheduler's, as soon as it has written it down."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            return str(json.loads(file.read_text())["address"])
        time.sleep(POLL_S)
    raise AssertionError("the Dask scheduler does not start")
