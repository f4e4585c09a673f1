"""A real server in a process of its own, and real clients."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import engineio
import pytest
import requests
import socketio

PATIENCE_S = 120  # of a machine that does much else; only what fails waits so long


@dataclass
class LiveServer:
    """A running `timbre serve`."""

    process: subprocess.Popen
    url: str
    data_dir: Path
    log: Path

    def post(self, path: str, **options: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=PATIENCE_S, **options)

    def put(self, path: str, **options: Any) -> requests.Response:
        return requests.put(self.url + path, timeout=PATIENCE_S, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=PATIENCE_S, **options)

    def delete(self, path: str) -> requests.Response:
        return requests.delete(self.url + path, timeout=PATIENCE_S)

    def create(self, name: str, **more: Any) -> tuple[str, str]:
        """A new song's id and upload address."""
        answer = self.post("/api/songs", json={"name": name, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"], answer.json()["upload_url"]

    def upload(self, path: Path, name: str | None = None) -> str:
        """Upload a file in two steps; returns the song's id."""
        song_id, upload_url = self.create(name or path.name, size_bytes=path.stat().st_size)
        answer = self.put(upload_url, data=path.read_bytes())
        assert answer.status_code == 200, answer.text
        return song_id

    def song(self, song_id: str) -> dict[str, Any]:
        return self.get(f"/api/songs/{song_id}").json()

    def wait(self, song_id: str, states: tuple[str, ...] = ("done",)) -> dict[str, Any]:
        """The song, once it is in one of these states."""
        return until(lambda: (song := self.song(song_id)).get("state") in states and song)

    def files(self, song_id: str) -> list[Path]:
        """What lies on disk of a song."""
        return [path for path in (self.data_dir / "songs" / song_id).rglob("*") if path.is_file()]

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


def until(condition: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """What `condition` gives as soon as it is true."""
    deadline_s = time.monotonic() + patience_s
    while time.monotonic() < deadline_s:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def children(pid: int) -> list[int]:
    """All descendants of a process, by /proc."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            child = int(status.parent.name)
            found += [child, *children(child)]
    return found


@pytest.fixture(scope="session")
def run_server(tiny_model, tmp_path_factory) -> Callable[..., Any]:
    """`with run_server(TIMBRE_MAX_BYTES=1000) as server:`, by default with the tiny model."""

    @contextmanager
    def run(data_dir: Path | None = None, **settings: object) -> Iterator[LiveServer]:
        data_dir = data_dir or tmp_path_factory.mktemp("instance")
        log = data_dir / "log.txt"
        given = {"TIMBRE_MODEL": tiny_model, "TIMBRE_DATA_DIR": data_dir, "HOST": "127.0.0.1", "PORT": 0}
        environment = {**os.environ, **{name: str(value) for name, value in (given | settings).items()}}
        command = [str(Path(sys.executable).with_name("timbre")), "serve"]
        with log.open("w") as out:
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            found = until(
                lambda: process.poll() is not None or re.search(r"http://[^\s\"]+", log.read_text())
            )
            assert process.poll() is None, log.read_text()
            server = LiveServer(process, found[0], data_dir, log)
            until(lambda: server.get("/healthz").ok)
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE_S)

    return run


@pytest.fixture(scope="session")
def server(run_server) -> Iterator[LiveServer]:
    """One server for all tests that do not end it."""
    with run_server() as running:
        yield running


class _InOrderEngine(engineio.Client):
    """Handles messages one after the other, as a page does; the library's thread a message may swap them."""

    def _trigger_event(self, event, *args, **options):
        return super()._trigger_event(event, *args, **{**options, "run_async": False})


class InOrderClient(socketio.Client):
    """A client to which messages come in the order in which they were sent."""

    def _engineio_client_class(self):
        return _InOrderEngine


@dataclass
class Listener:
    """A real Socket.IO client that writes down what it hears."""

    client: socketio.Client
    acknowledges: bool = True
    songs: list[dict] = field(default_factory=list)
    segments: list[dict] = field(default_factory=list)
    problems: list[dict] = field(default_factory=list)

    def subscribe(self, song_id: str, after: int = -1) -> None:
        self.client.emit("subscribe", {"song_id": song_id, "after": after})

    def acknowledge(self, segment: dict) -> None:
        self.client.emit("ack", {"song_id": segment["song_id"], "index": segment["index"]})

    def wait_for_state(self, state: str) -> dict:
        return until(lambda: next((song for song in self.songs if song["state"] == state), None))

    def wait_for_segments(self, n: int) -> list[dict]:
        until(lambda: len(self.segments) >= n)
        return self.segments

    def wait_for_songs(self, n: int) -> list[dict]:
        until(lambda: len(self.songs) >= n)
        return self.songs

    def wait_for_problem(self) -> dict:
        return until(lambda: self.problems and self.problems[0])

    @property
    def indices(self) -> list[int]:
        return [segment["index"] for segment in self.segments]


@pytest.fixture
def listen(server) -> Iterator[Callable[..., Listener]]:
    """`listen()`: a connected client; `listen(acknowledges=False)`: one that never acknowledges."""
    listeners = []

    def connect(acknowledges: bool = True, url: str = server.url) -> Listener:
        listener = Listener(InOrderClient(reconnection=False), acknowledges)

        def on_segment(segment: dict) -> None:
            listener.segments.append(segment)
            if listener.acknowledges:
                listener.acknowledge(segment)

        listener.client.on("song", listener.songs.append)
        listener.client.on("segment", on_segment)
        listener.client.on("problem", listener.problems.append)
        listener.client.connect(url, transports=["websocket"])
        listeners.append(listener)
        return listener

    yield connect
    for listener in listeners:
        listener.client.disconnect()
