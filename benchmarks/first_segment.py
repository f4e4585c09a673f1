"""How long a person waits: from the first and the last uploaded byte to the first `segment` event.

    python benchmarks/first_segment.py [--url http://127.0.0.1:8000] [--rounds 5] [--rates 0 1000000]

Uploads a four-minute MP3 to a running server as the page does (create, subscribe, then PUT the raw body),
as fast as the line allows (rate 0) and throttled to so many bytes a second, and deletes it afterwards.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import socketio
from song import DURATION_S, make_song

PIECE_BYTES = 1 << 14
TIMEOUT_S = 300.0


@dataclass
class Clock:
    """When things happened, in seconds of `time.perf_counter`."""

    first_byte_s: float = 0.0
    last_byte_s: float = 0.0
    segments_s: list[float] = field(default_factory=list)
    n_at_last_byte: int = 0
    n_expected: int | None = None  # known once the song is done
    state: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Set `ended` when nothing more is to come: the last segments may arrive after the news of it."""
        failed = self.state in ("failed", "cancelled")
        if failed or (self.n_expected is not None and len(self.segments_s) >= self.n_expected):
            self.ended.set()


def listen(url: str, song_id: str, clock: Clock) -> socketio.Client:
    """Subscribe to a song as the page does, acknowledging every segment."""
    client = socketio.Client()

    def on_segment(message: dict[str, Any]) -> None:
        clock.segments_s.append(time.perf_counter())
        client.emit("ack", {"song_id": song_id, "index": message["index"]})
        clock.look()

    def on_song(message: dict[str, Any]) -> None:
        clock.state = message["state"]
        if clock.state == "done":
            clock.n_expected = message["progress"]["tagged"]
        clock.look()

    client.on("segment", on_segment)
    client.on("song", on_song)
    client.connect(url, transports=["websocket"])
    client.emit("subscribe", {"song_id": song_id, "after": -1})
    return client


def upload(url: str, path: str, body: bytes, rate_bytes_s: float, clock: Clock) -> None:
    """PUT the body in pieces, no faster than `rate_bytes_s` (0: unlimited)."""
    connection = _connection(url)
    connection.putrequest("PUT", path)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    clock.first_byte_s = time.perf_counter()
    for start in range(0, len(body), PIECE_BYTES):
        piece = body[start : start + PIECE_BYTES]
        if rate_bytes_s:
            due_s = clock.first_byte_s + (start + len(piece)) / rate_bytes_s
            time.sleep(max(0.0, due_s - time.perf_counter()))
        connection.send(piece)
    clock.last_byte_s = time.perf_counter()
    clock.n_at_last_byte = len(clock.segments_s)
    _answer(connection)


def measure(url: str, body: bytes, rate_bytes_s: float) -> Clock:
    """Upload a song once and wait until it is tagged.

    Raises
    ------
    RuntimeError
        When it is not tagged in the end.
    """
    clock = Clock()
    wanted = {"name": "benchmark.mp3", "size_bytes": len(body)}
    song = _request(url, "POST", "/api/songs", json.dumps(wanted))
    client = listen(url, song["id"], clock)
    try:
        upload(url, urlsplit(song["upload_url"]).path, body, rate_bytes_s, clock)
        if not clock.ended.wait(TIMEOUT_S) or clock.state != "done":
            raise RuntimeError(f"the song ended as {clock.state!r}")
    finally:
        client.disconnect()
        _request(url, "DELETE", f"/api/songs/{song['id']}")
    return clock


def report(rate_bytes_s: float, clocks: list[Clock]) -> None:
    """Print one row: medians and ranges over the rounds, in seconds."""
    columns = (
        [clock.last_byte_s - clock.first_byte_s for clock in clocks],
        [clock.segments_s[0] - clock.first_byte_s for clock in clocks],
        [clock.segments_s[0] - clock.last_byte_s for clock in clocks],
        [clock.segments_s[-1] - clock.last_byte_s for clock in clocks],
    )
    cells = [f"{statistics.median(c):.2f} ({min(c):.2f} to {max(c):.2f})" for c in columns]
    rate = f"{rate_bytes_s / 1e6:g} MB/s" if rate_bytes_s else "unlimited"
    before = statistics.median(clock.n_at_last_byte for clock in clocks)
    print(f"| {rate} | {' | '.join(cells)} | {before:.0f} of {len(clocks[0].segments_s)} |")


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT_S)


def _request(url: str, method: str, path: str, body: str | None = None) -> dict[str, Any]:
    connection = _connection(url)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    return _answer(connection)


def _answer(connection: http.client.HTTPConnection) -> dict[str, Any]:
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status >= 400:
        raise RuntimeError(f"the server answered {answer.status}: {body.decode(errors='replace')}")
    found: dict[str, Any] = json.loads(body) if body else {}
    return found


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Measure the wait for the first segment.")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--rates", type=float, nargs="+", default=[0.0, 1e6], help="bytes a second; 0: unlimited"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        body = make_song(Path(folder) / "song.mp3").read_bytes()
    print(f"{DURATION_S} s of mp3, {len(body):,} bytes, {arguments.rounds} rounds; seconds, median (range)\n")
    print(
        "| upload | first to last byte | first byte to first segment | last byte to first segment |", end=""
    )
    print(" last byte to last segment | segments before the last byte |")
    print("|---|--:|--:|--:|--:|--:|")
    for rate_bytes_s in arguments.rates:
        report(rate_bytes_s, [measure(arguments.url, body, rate_bytes_s) for _ in range(arguments.rounds)])


if __name__ == "__main__":
    try:
        main()
    except ConnectionRefusedError:
        raise SystemExit(
            "No server answers there; start one with `make serve`, or say where by --url."
        ) from None
