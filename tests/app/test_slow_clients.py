"""Clients that say nothing, little by little, or do not listen: only they wait."""

import contextlib
import socket
import time
from pathlib import Path

import numpy as np
import pytest
import requests
import soundfile
from live_server import LiveServer, until

from timbre.app.connections import HEAD_S, ClientSocket

N_EACH = 24  # of every kind
N_THREADS = 32
PATIENT_S = 60.0  # of one ordinary request, on a machine that does much else


@pytest.fixture(scope="module")
def noise(tmp_path_factory) -> Path:
    """Twenty seconds that are larger than what systems keep for a client who does not read."""
    path = tmp_path_factory.mktemp("noise") / "noise.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, (20 * 44_100, 2)), 44_100, subtype="PCM_16")
    return path


def open_many(server: LiveServer, words: bytes, n: int = N_EACH) -> list[socket.socket]:
    host, port = server.url.removeprefix("http://").split(":")
    opened = []
    for _ in range(n):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect((host, int(port)))
        client.sendall(words)
        opened.append(client)
    return opened


def drip(clients: list[socket.socket]) -> None:
    for client in clients:
        with contextlib.suppress(OSError):
            client.send(b"a")


def is_closed(client: socket.socket) -> bool:
    """Whether the server has ended the connection; what it said before is read."""
    client.setblocking(False)
    try:
        while client.recv(1 << 16):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def n_ended(server: LiveServer, route: str) -> int:
    """Requests that have ended, by the log, which has their line then."""
    lines = server.log.read_text().splitlines()
    return sum("timbre.access" in line and route in line for line in lines)


def test_slow_clients_hold_no_thread_for_long(run_server, wav, noise):
    with run_server(TIMBRE_WEB_THREADS=N_THREADS, TIMBRE_MAX_SOCKETS=4, TIMBRE_STALL_S=3) as server:
        song_id = server.upload(noise)
        server.wait(song_id)
        post = "POST /api/songs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        silent = open_many(server, b"")
        heads = open_many(server, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        bodies = open_many(server, f"{post}Content-Length: 1000\r\n\r\n{{".encode())
        audio = f"GET /api/songs/{song_id}/audio HTTP/1.1\r\nHost: x\r\n\r\n"
        readers = open_many(server, audio.encode())
        lingering = open_many(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        started_s = time.monotonic()
        took_s = []
        while time.monotonic() - started_s < HEAD_S + 2:
            asked_s = time.monotonic()
            assert requests.get(f"{server.url}/healthz", timeout=PATIENT_S).status_code == 200
            took_s.append(time.monotonic() - asked_s)
            drip(heads + bodies)
            time.sleep(0.2)
        assert min(took_s) < 2
        server.wait(server.upload(wav))
        for kind in (silent, heads, lingering):
            until(lambda kind=kind: all(map(is_closed, kind)))
        # All but those that have a thread, as long as nobody else wants it.
        until(lambda: n_ended(server, "/audio") + n_ended(server, "/api/songs ") > 2 * N_EACH - N_THREADS)
        assert "Traceback" not in server.log.read_text()
        for client in [*silent, *heads, *bodies, *readers, *lingering]:
            client.close()


def test_a_page_polls_once_at_a_time(server):
    address = f"{server.url}/socket.io/?EIO=4&transport=polling"
    hello = requests.get(address, timeout=PATIENT_S).text
    address += "&sid=" + hello.split('"sid":"')[1].split('"')[0]
    (waiting,) = open_many(
        server, f"GET {address.removeprefix(server.url)} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 1
    )
    until(lambda: requests.get(address, timeout=PATIENT_S).status_code == 400)
    waiting.close()


def test_websockets_come_and_go_beside_other_connections(server, listen):
    for _ in range(40):
        listener = listen()
        listener.client.disconnect()
        open_many(server, b"", 3)
        assert server.get("/healthz").status_code == 200
    assert "Exception in worker process" not in server.log.read_text()


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield ClientSocket(ours, patience_s=0.1), theirs
    theirs.close()


def test_blocking_never_means_for_ever(pair):
    client, _ = pair
    client.setblocking(True)
    with pytest.raises(TimeoutError):
        client.recv(1)
    with pytest.raises(ConnectionResetError):
        client.sendall(bytes(100_000_000))
    client.close()


def test_a_websocket_may_be_silent_for_longer_and_sends_whole_messages(pair):
    client, theirs = pair
    client.keep(patience_s=30)
    theirs.sendall(b"pong")
    assert client.recv(10) == b"pong"
    assert client.gettimeout() == 30
    assert client.send(bytes(1_000)) == 1_000
    assert client.n_bytes == 1_004
    client.begin()  # it was no WebSocket after all, and the connection lives on
    client.setblocking(True)
    assert (client.kept, client.gettimeout()) == (False, 0.1)
    client.close()
