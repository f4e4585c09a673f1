"""What keeps one visitor's songs from another: headers on every answer, origins, and nothing to guess."""

import ast
import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import timbre
from timbre.app.factory import create_app
from timbre.app.front import SAFE_HEADERS
from timbre.app.settings import Settings

EVENTS = ("subscribe", "unsubscribe", "ack", "live_start", "live_audio", "live_stop")
NOBODY = "0" * 32
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
WORDS = ("song_id", "after", "index", "sample_rate_hz", "format", "keep", "name", "size_bytes")
CORRECTION = ("start_s", "end_s", "label", "verdict")
MESSAGES = JSON | st.binary(max_size=40) | st.dictionaries(st.sampled_from(WORDS), JSON, max_size=5)
BODIES = JSON | st.dictionaries(st.sampled_from((*WORDS, *CORRECTION)), JSON, max_size=5)


@pytest.fixture(scope="module")
def app(tiny_model, tmp_path_factory) -> Iterator[Flask]:
    """An application whose gate to the sockets is shut, and whose metrics are not for everybody."""
    folder = str(tmp_path_factory.mktemp("headers"))
    app, _, context = create_app(
        Settings(model=str(tiny_model), data_dir=folder, max_sockets=0, metrics_token="let me in")
    )
    yield app
    context.delivery.stop()
    context.store.close()


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every method of every route, filled in with what does not exist."""
    values = {"song_id": NOBODY, "index": 0, "correction_id": 0, "filename": "js/main.js"}
    adapter = app.url_map.bind("localhost")
    return [
        (method, adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
    ]


def test_every_answer_of_every_route_carries_the_safe_headers(app):
    client = app.test_client()
    asked = [*addresses(app), ("GET", "/nowhere"), ("GET", "/static/none"), ("PATCH", "/"), ("TRACE", "/")]
    assert len(asked) > 40
    for method, address in asked:
        answer = client.open(address, method=method)
        assert {name: answer.headers.get(name) for name in SAFE_HEADERS} == SAFE_HEADERS, (method, address)
        if address.startswith("/api/songs"):
            assert answer.headers["Cache-Control"] == "no-store", (method, address)


def test_the_sockets_answers_carry_them_too(app, server):
    shut = app.test_client().get("/socket.io/?EIO=4&transport=polling")
    assert (shut.status_code, shut.json["error"]["code"]) == (503, "too_many_listeners")
    assert int(shut.headers["Retry-After"]) > 0
    polled = server.get("/socket.io/?EIO=4&transport=polling")
    assert polled.status_code == 200
    for answer in (shut, polled):
        assert SAFE_HEADERS.items() <= dict(answer.headers).items()
        assert answer.headers["Cache-Control"] == "no-store"


def test_metrics_can_be_kept_for_those_with_a_token(app):
    for token, status in ((None, 404), ("Bearer let me", 404), ("Bearer let me in", 200)):
        headers = {"Authorization": token} if token else {}
        assert app.test_client().get("/metrics", headers=headers).status_code == status


def test_the_policy_allows_no_inline_and_no_stranger():
    policy = SAFE_HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    for word in ("unsafe", "*", "http", "data:", "ws:"):
        assert word not in policy


@pytest.mark.parametrize("data", [b"x", None])
def test_a_wrong_id_and_a_deleted_one_have_the_same_answer(app, server, wav, data):
    deleted = server.upload(wav)
    server.wait(deleted)
    server.delete(f"/api/songs/{deleted}")
    for method, address in addresses(app):
        if NOBODY not in address or not address.startswith("/api/"):
            continue
        answers = [
            requests.request(
                method,
                server.url + address.replace(NOBODY, song_id),
                data=data,
                headers={"Range": "bytes=0-9"},
                timeout=60,
            )
            for song_id in (NOBODY, deleted)
        ]
        told = [(one.status_code, one.text.replace(deleted, NOBODY)) for one in answers]
        assert told[0] == told[1], (method, address)
        assert answers[0].status_code in (404, 405) or method == "OPTIONS"


def test_a_wrong_id_takes_as_long_whether_its_start_is_right_or_not(server, wav):
    song_id = server.upload(wav)
    server.wait(song_id)
    near = song_id[:-1] + ("0" if song_id[-1] != "0" else "1")
    took_s: dict[str, list[float]] = {near: [], NOBODY: []}
    with requests.Session() as session:
        for _ in range(100):
            for guess, times_s in took_s.items():
                started_s = time.perf_counter()
                session.get(f"{server.url}/api/songs/{guess}", timeout=60)
                times_s.append(time.perf_counter() - started_s)
    first, second = (median(times_s) for times_s in took_s.values())
    assert 1 / 3 < first / second < 3


def test_there_is_no_cookie_but_the_language_and_it_opens_nothing(server, wav):
    song_id = server.upload(wav)
    with requests.Session() as session:
        for path in ("/", "/?language=de", f"/songs/{song_id}", f"/api/songs/{song_id}", "/api/config"):
            session.get(server.url + path, timeout=60)
        assert set(session.cookies.keys()) == {"language"}
        # What a form on another site can send, with whatever cookies there are:
        form = session.post(f"{server.url}/api/songs/{song_id}", data={"_method": "DELETE"}, timeout=60)
        assert form.status_code == 405
        text = session.post(
            f"{server.url}/api/songs/{song_id}/corrections", data='{"start_s": 0}',
            headers={"Content-Type": "text/plain"}, timeout=60,
        )  # fmt: skip
        assert text.status_code == 400
    assert server.song(song_id)["id"] == song_id


def test_origins_are_checked_for_polls_and_websockets(run_server):
    friend = "https://friend.example"
    with run_server(TIMBRE_ALLOWED_ORIGINS=friend) as server:
        mine, evil = (server.url, {200, 101}), ("https://evil.example", {400})
        behind_tls = server.get(
            "/socket.io/?EIO=4&transport=polling",
            headers={"Origin": "https://outside.example", "X-Forwarded-Proto": "https",
                     "X-Forwarded-Host": "outside.example"},
        )  # fmt: skip
        assert behind_tls.status_code == 200
        for origin, expected in ((friend, {200, 101}), mine, evil):
            headers = {"Origin": origin}
            polled = server.get("/socket.io/?EIO=4&transport=polling", headers=headers)
            upgrade = {
                **headers, "Connection": "Upgrade", "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            }  # fmt: skip
            socket = server.get("/socket.io/?EIO=4&transport=websocket", headers=upgrade, stream=True)
            assert {polled.status_code, socket.status_code} == expected
            socket.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=st.sampled_from(EVENTS), payload=st.lists(MESSAGES, max_size=2))
def test_no_message_is_fatal(listen, hears, event, payload):
    told = hears.client.call(event, tuple(payload), timeout=60)
    assert told is None or set(told) in ({"song_id", "error"}, {"song_id"})


@pytest.fixture
def hears(listen):
    """One client for all examples."""
    listener = listen()
    yield listener
    assert listener.client.connected


UNREADABLE = {
    b"NONSENSE\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: here\r\nContent-Length: abc\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: here\r\nContent-Length: -5\r\n\r\n": 400,
    b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: here\r\n\r\n": 414,
    b"GET / HTTP/1.1\r\nHost: here\r\nX-Long: " + b"a" * 9_000 + b"\r\n\r\n": 431,
}


@pytest.mark.parametrize(("sent", "status"), UNREADABLE.items(), ids=range(len(UNREADABLE)))
def test_what_is_no_request_gets_the_one_error_and_no_line_with_an_address(sent, status, server):
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(sent)
        answer = HTTPResponse(connection)
        answer.begin()
        told = json.loads(answer.read())
    assert (answer.status, told["error"]["code"]) == (status, "bad_request")
    assert {name: answer.headers[name] for name in SAFE_HEADERS} == SAFE_HEADERS
    assert "ip=" not in server.log.read_text()


def test_a_body_that_is_nested_too_deep_is_a_bad_request(app):
    client: FlaskClient = app.test_client()
    deep = b"[" * 20_000 + b"]" * 20_000
    for address in ("/api/songs", f"/api/songs/{NOBODY}/corrections"):
        answer = client.post(address, data=deep, content_type="application/json")
        assert answer.status_code < 500
    assert client.post("/api/songs", data=deep, content_type="application/json").status_code == 400


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, text=st.text(max_size=20))
def test_no_body_or_query_is_a_failure_of_the_server(app, body, text):
    client: FlaskClient = app.test_client()
    for address in ("/api/songs", f"/api/songs/{NOBODY}/corrections"):
        assert client.post(address, json=body).status_code < 500
        assert client.post(address, data=text.encode(), content_type="application/json").status_code < 500
    for name in ("after", "format", "level", "threshold", "partial", "song"):
        for address in (f"/api/songs/{NOBODY}/export", f"/api/songs/{NOBODY}/segments", "/api/labels"):
            assert client.get(address, query_string={name: text}).status_code < 500


def test_what_serves_unpickles_and_evaluates_nothing():
    forbidden = {"pickle", "marshal", "shelve", "dill", "joblib", "torch"}
    calls = {"eval", "exec", "compile", "__import__"}
    package = Path(timbre.__file__).parent
    serving = [*package.glob("app/**/*.py"), *package.glob("audio/**/*.py"), package / "models" / "tagger.py"]
    assert len(serving) > 30
    for file in [*serving, package / "models" / "checkpoint.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not forbidden & {name.split(".")[0] for name in names}, file
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            assert not (called and node.func.id in calls), file
