"""Logs: one line an event, and whoever reads them learns nobody's music, name or address."""

import json
import logging
import re
import socket
from urllib.parse import quote

import pytest
import requests
from live_server import InOrderClient, until

from timbre.app.logs import TextLines, short

NAME = "Étude für Anna — Demo 3.wav"
ASKED = "a-query-that-nobody-should-read"


def lines(server) -> list[dict]:
    return [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]


def raw(server, words: bytes) -> bytes:
    """The answer to a request that no library would send."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall(words)
        return client.recv(4_096)


@pytest.fixture(scope="module")
def life(run_server, wav, bad_files, tmp_path_factory):
    """A whole life of songs, with all that goes wrong; gives the log's lines and the songs' ids."""
    folder = tmp_path_factory.mktemp("logged")
    with run_server(folder, TIMBRE_LOG_FORMAT="json") as server:
        good, bad = server.upload(wav, NAME), server.upload(bad_files["blip"], NAME)
        server.wait(good)
        server.wait(bad, ("failed",))
        listener = InOrderClient(reconnection=False)
        listener.connect(server.url, transports=["websocket"])
        listener.call("subscribe", {"song_id": good})
        listener.call("subscribe", {"song_id": NAME})
        listener.disconnect()
        server.get(f"/api/songs/{good}/export?format={ASKED}")
        server.get(f"/api/songs/{quote(NAME)}?{ASKED}={ASKED}", headers={"X-Request-ID": "from-a-proxy.1"})
        server.get(f"/{ASKED}/{good}")
        raw(server, f"GET /{ASKED}/{good} NONSENSE\r\nHost: x\r\n\r\n".encode())
        raw(server, f"GET / HTTP/1.1\r\nHost: x\r\n{ASKED} : {good}\r\n\r\n".encode())
        server.get("/socket.io/?EIO=4&transport=polling", headers={"Origin": "https://evil.example"})
        server.get(f"/socket.io/?EIO=4&transport=polling&sid={good}")
        server.delete(f"/api/songs/{good}")
        for file in folder.glob("timbre.db*"):
            file.write_bytes(b"not a database" * 10_000)
        failed = server.get(f"/api/songs/{bad}")
        until(lambda: any("trace" in line for line in lines(server)))
        server.stop()
        yield lines(server), (good, bad), failed


def test_every_line_is_an_object_with_the_same_fields(life):
    told, _, _ = life
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in told)
    answers = [line for line in told if line["logger"] == "timbre.access"]
    fields = {"request", "client", "method", "route", "status", "seconds", "bytes"}
    assert all(fields <= line.keys() for line in answers)
    routes = {line["route"] for line in answers}
    assert {"/api/songs", "/api/songs/<song_id>/upload", "/socket.io/", "/healthz", "other"} <= routes
    assert any(line["request"] == "from-a-proxy.1" and line["status"] == 404 for line in answers)
    assert {200, 201, 101, 204, 400, 404, 500} <= {line["status"] for line in answers}
    unexpected = [line for line in told if "trace" in line and "DatabaseError" not in line["trace"]]
    assert unexpected == []


def test_a_song_is_told_by_eight_characters(life):
    told, ids, _ = life
    assert {line["song"] for line in told if "song" in line} == {song_id[:8] for song_id in ids}


def test_no_name_address_query_or_whole_id_is_in_any_line(life):
    told, ids, _ = life
    told = [line for line in told if "Timbre listens on" not in line["message"]]
    text = json.dumps(told, ensure_ascii=False)
    for secret in (*ids, NAME, "Anna", quote(NAME), ASKED, "127.0.0.1"):
        assert secret not in text


def test_a_failure_is_answered_by_an_id_that_the_log_explains(life):
    told, (_, bad), failed = life
    assert failed.status_code == 500
    assert set(failed.json()) == {"error", "request_id"}
    assert failed.headers["X-Request-ID"] == failed.json()["request_id"]
    assert "Traceback" not in failed.text
    (trace,) = [
        line["trace"]
        for line in told
        if line.get("request") == failed.json()["request_id"] and "trace" in line
    ]
    assert "DatabaseError" in trace
    assert bad not in trace


@pytest.mark.parametrize("hostile", ["a b", "x" * 65, "<script>", "é"])
def test_a_hostile_request_id_is_replaced(server, hostile):
    answer = requests.get(server.url, headers={"X-Request-ID": hostile.encode()}, timeout=60)
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-ID"])


def test_a_text_line_cannot_be_forged():
    record = logging.LogRecord("a", logging.INFO, "", 0, "one\n2026-01-01 INFO two %s", ("\r\n",), None)
    assert "\n" not in TextLines().format(record)
    assert (short("0123456789abcdef" * 2), short("../../x"), short(None)) == ("01234567", "", "")
