"""What many songs, many idle listeners and frozen ones cost a server, on one machine and over loopback.

    python benchmarks/load.py [--songs 300] [--idle 200] [--frozen 20]

Starts `timbre serve` with its defaults and prints, for each load, the memory of the process that does the
work before and after, and how long a small request and a socket's round trip took meanwhile. Times on a
shared machine are context; memory is the finding.
"""

import argparse
import json
import re
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import requests
import websocket
from song import make_song

TIMEOUT_S = 600.0
ASK_EVERY_S = 0.05
MB = 1e6


class Socket:
    """A raw Engine.IO websocket, which reads only when it is told to: a page of a frozen phone."""

    def __init__(self, url: str, song_id: str | None = None):
        address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        self._socket = websocket.create_connection(address, timeout=TIMEOUT_S)
        self._socket.recv()
        self._socket.send("40")
        self._socket.recv()
        if song_id:
            message = json.dumps(["subscribe", {"song_id": song_id, "after": -1}])
            self._socket.send(f"42{message}")

    def round_trip_s(self) -> float:
        """An event that is answered: an unknown song's subscription."""
        started_s = time.perf_counter()
        self._socket.send('42["subscribe",{"song_id":"nobody"}]')
        while not (message := str(self._socket.recv())).startswith('42["problem"'):
            if message == "2":
                self._socket.send("3")
        return time.perf_counter() - started_s

    @property
    def descriptor(self) -> int:
        """For `select`."""
        return int(self._socket.fileno())

    def answer(self) -> None:
        """Read one message, and answer it if it is a ping."""
        if self._socket.recv() == "2":
            self._socket.send("3")

    def close(self) -> None:
        self._socket.close()


class Answers:
    """Asks for the page's settings and a socket's answer all the time; `row` says how long that took."""

    def __init__(self, url: str):
        self._url, self._stopped = url, threading.Event()
        self._requests_s: list[float] = []
        self._sockets_s: list[float] = []
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> "Answers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _ask(self) -> None:
        asker = Socket(self._url)
        with requests.Session() as session:
            while not self._stopped.wait(ASK_EVERY_S):
                started_s = time.perf_counter()
                session.get(f"{self._url}/healthz", timeout=TIMEOUT_S).raise_for_status()
                self._requests_s.append(time.perf_counter() - started_s)
                self._sockets_s.append(asker.round_trip_s())
        asker.close()

    def row(self) -> str:
        """Medians and 99th percentiles in milliseconds."""
        parts = [np.percentile(times, [50, 99]) * 1_000 for times in (self._requests_s, self._sockets_s)]
        return "  ".join(f"{median:5.0f} /{most:6.0f}" for median, most in parts)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server of its own and the process that does its work."""
    log = folder / "log.txt"
    command = [str(Path(sys.executable).with_name("timbre")), "serve"]
    environment = {"TIMBRE_DATA_DIR": str(folder), "PORT": "0", "PATH": "/usr/bin:/bin"}
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        while not (found := re.search(r"http://[\d.:]+", log.read_text())):
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        url = found[0]
        while True:
            try:
                if requests.get(f"{url}/readyz", timeout=TIMEOUT_S).ok:
                    break
            except requests.ConnectionError:
                time.sleep(0.1)
        workers = psutil.Process(process.pid).children()
        yield url, max(workers, key=lambda worker: worker.memory_info().rss)
    finally:
        process.terminate()
        process.wait()


def tag(url: str, sound: bytes) -> str:
    """Upload a song, wait until it has ended, and check that it is done."""
    made = requests.post(f"{url}/api/songs", json={"name": "load"}, timeout=TIMEOUT_S).json()
    requests.put(url + made["upload_url"], data=sound, timeout=TIMEOUT_S).raise_for_status()
    deadline_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline_s:
        song = requests.get(f"{url}/api/songs/{made['id']}", timeout=TIMEOUT_S).json()
        if song["state"] in ("done", "failed"):
            assert song["state"] == "done", song["error"]
            return str(made["id"])
        time.sleep(0.05)
    raise SystemExit("a song did not end in time")


def measured(name: str, url: str, worker: psutil.Process, work: Callable[[], object]) -> None:
    """Do `work` and print what it cost."""
    before = worker.memory_info().rss
    with Answers(url) as answers:
        work()
    after = worker.memory_info().rss
    sizes = f"{before / MB:8.0f}{after / MB:8.0f}{worker.num_threads():9}"
    print(f"{name:34}{sizes}   {answers.row()}", flush=True)


def stay(sockets: list[Socket], until: threading.Event) -> None:
    """Answer the pings of sockets that do nothing else."""
    by_descriptor = {one.descriptor: one for one in sockets}
    while not until.wait(0.1):
        for descriptor in select.select(list(by_descriptor), [], [], 0)[0]:
            by_descriptor[descriptor].answer()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--songs", type=int, default=300)
    parser.add_argument("--idle", type=int, default=200)
    parser.add_argument("--frozen", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as (url, worker):
        long = make_song(Path(name) / "song.mp3").read_bytes()
        print(f"{'load':34}{'MB':>8}{'MB':>8}{'threads':>9}   request ms     socket ms")
        print(f"{'':34}{'before':>8}{'after':>8}{'':9}   median / 99 %  median / 99 %")
        measured("nothing, for 5 s", url, worker, lambda: time.sleep(5))
        measured("a song of 4 minutes", url, worker, lambda: tag(url, long))
        with_songs(url, worker, long, chosen.songs)
        with_sockets(url, worker, long, chosen.idle, chosen.frozen)


def with_songs(url: str, worker: psutil.Process, long: bytes, n_songs: int) -> None:
    """Hundreds of short songs, then eight long ones at once."""
    short = long[: len(long) // 40]  # an MP3 may be cut anywhere: six seconds
    third = n_songs // 3
    with ThreadPoolExecutor(8) as pool:
        for last in (third, 2 * third, 3 * third):
            work = partial(pool.map, tag, [url] * third, [short] * third)
            measured(f"{third} short songs, {last} in all", url, worker, lambda: list(work()))  # noqa: B023
        work = partial(pool.map, tag, [url] * 8, [long] * 8)
        measured("8 songs of 4 minutes at once", url, worker, lambda: list(work()))


def with_sockets(url: str, worker: psutil.Process, long: bytes, n_idle: int, n_frozen: int) -> None:
    """Listeners that do nothing, and those that do not even read."""
    song_id, gone = tag(url, long), threading.Event()
    idle: list[Socket] = []
    frozen: list[Socket] = []
    measured(f"{n_idle} idle sockets", url, worker, lambda: idle.extend(Socket(url) for _ in range(n_idle)))
    keeper = threading.Thread(target=stay, args=(idle, gone), daemon=True)
    keeper.start()

    def freeze() -> None:
        frozen.extend(Socket(url, song_id) for _ in range(n_frozen))
        tag(url, long)

    measured(f"and {n_frozen} that never read, and a song", url, worker, freeze)
    gone.set()
    keeper.join()
    for one in idle + frozen:
        one.close()
    measured("all of them gone", url, worker, lambda: time.sleep(5))


if __name__ == "__main__":
    main()
