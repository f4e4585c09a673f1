"""Real answers, held against what the contract promises."""

import re
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from jsonschema import Draft202012Validator
from live_server import PATIENCE_S, LiveServer, until

from timbre.app.openapi import openapi

DOCUMENT = openapi()
CALLS = [
    (path, method) for path, calls in DOCUMENT["paths"].items() for method in calls if method != "parameters"
]
SONG, SONGS = "/api/songs/{song_id}", "/api/songs"
UPLOAD, SEGMENTS, AUDIO = f"{SONG}/upload", f"{SONG}/segments", f"{SONG}/audio"
PICTURE, EXPORT, SINGLE = f"{SEGMENTS}/{{index}}/spectrogram", f"{SONG}/export", f"{SONG}/single"
CORRECTIONS, CLIPS = f"{SONG}/corrections", f"{SONG}/corrections/export"
CORRECTION = f"{CORRECTIONS}/{{correction_id}}"
TEXT = b"This is a letter, and not a song.\n" * 200
SAID = {"start_s": 0, "end_s": 1, "label": "piano", "verdict": "wrong"}
HUGE = {"name": "x" * 100_000}
PARTS = {f"field{i}": (None, "x") for i in range(11)}
# Which call of which song is answered with which status, and what is asked for.
REQUESTS: list[tuple[str, str, str, int, dict[str, Any]]] = [
    ("post", SONGS, "", 201, {"json": {"name": "a.wav"}}),
    ("post", SONGS, "", 201, {"files": {"file": ("a.wav", b"RIFF\0\0\0\0WAVEfmt " + bytes(100))}}),
    ("post", SONGS, "", 400, {"json": {}}),
    ("post", SONGS, "", 400, {"files": {"file": ("a.wav", b"")}}),
    ("post", SONGS, "", 413, {"json": HUGE}),
    ("post", SONGS, "", 413, {"json": {"name": "a.wav", "size_bytes": 10**12}}),
    ("post", SONGS, "", 413, {"files": PARTS}),
    ("post", SONGS, "", 415, {"files": {"file": ("a.mp3", TEXT)}}),
    ("put", UPLOAD, "fresh", 200, {"data": b"RIFF\0\0\0\0WAVEfmt " + bytes(100)}),
    ("put", UPLOAD, "fresh", 400, {"data": b""}),
    ("put", UPLOAD, "nobody", 404, {"data": TEXT}),
    ("put", UPLOAD, "done", 409, {"data": TEXT}),
    ("put", UPLOAD, "fresh", 415, {"data": TEXT}),
    ("get", SONG, "done", 200, {}),
    ("get", SONG, "fresh", 200, {}),
    ("get", SONG, "failed", 200, {}),
    ("get", SONG, "nobody", 404, {}),
    ("delete", SONG, "fresh", 204, {}),
    ("delete", SONG, "nobody", 404, {}),
    ("get", SEGMENTS, "done", 200, {"params": {"after": "3"}}),
    ("get", SEGMENTS, "done", 400, {"params": {"after": "x"}}),
    ("get", SEGMENTS, "nobody", 404, {}),
    ("get", PICTURE, "done", 200, {}),
    ("get", PICTURE, "failed", 404, {}),
    ("get", PICTURE, "nobody", 404, {}),
    ("get", PICTURE, "fresh", 409, {}),
    ("get", AUDIO, "done", 200, {}),
    ("get", AUDIO, "done", 206, {"headers": {"Range": "bytes=0-9"}}),
    ("get", AUDIO, "done", 304, {"headers": {"If-None-Match": "*"}}),
    ("get", AUDIO, "done", 412, {"headers": {"If-Match": '"another"'}}),
    ("get", AUDIO, "done", 416, {"headers": {"Range": "bytes=999999999-"}}),
    ("get", AUDIO, "nobody", 404, {}),
    ("get", AUDIO, "fresh", 409, {}),
    *(("get", EXPORT, "done", 200, {"params": {"format": form}}) for form in ("json", "csv", "png")),
    ("get", EXPORT, "done", 400, {"params": {"format": "docx"}}),
    ("get", EXPORT, "done", 400, {"params": {"threshold": "2"}}),
    ("get", EXPORT, "nobody", 404, {}),
    ("get", EXPORT, "fresh", 409, {}),
    ("get", CORRECTIONS, "done", 200, {}),
    ("get", CORRECTIONS, "nobody", 404, {}),
    ("post", CORRECTIONS, "done", 201, {"json": SAID}),
    ("post", CORRECTIONS, "done", 400, {"json": {**SAID, "label": "kazoo"}}),
    ("post", CORRECTIONS, "nobody", 404, {"json": SAID}),
    ("post", CORRECTIONS, "done", 413, {"json": HUGE}),
    ("delete", CORRECTION, "done", 204, {}),
    ("delete", CORRECTION, "fresh", 404, {}),
    ("get", CLIPS, "done", 200, {}),
    ("get", CLIPS, "nobody", 404, {}),
    ("get", CLIPS, "fresh", 409, {}),
    ("get", SINGLE, "done", 200, {}),
    ("get", SINGLE, "nobody", 404, {}),
    ("get", SINGLE, "fresh", 409, {}),
    ("get", "/api/labels", "", 404, {"params": {"song": "nobody"}}),
    *(("get", path, "", 200, {}) for path, _ in CALLS if "song" not in path),
]  # fmt: skip


@pytest.fixture(scope="module")
def done(server, wav) -> str:
    song_id = server.upload(wav)
    server.wait(song_id)
    return song_id


def listed(answer: requests.Response) -> dict[str, Any]:
    """What the document says of such an answer."""
    address, method = urlsplit(answer.request.url).path, answer.request.method.lower()
    fitting = [path for path, _ in CALLS if re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), address)]
    answers = DOCUMENT["paths"][min(fitting, key=lambda path: path.count("{"))][method]["responses"]
    assert str(answer.status_code) in answers, (method, address, answer.status_code, answer.text[:200])
    return answers[str(answer.status_code)]


def assert_promised(answer: requests.Response) -> None:
    """Status, type, shape, code and headers are among those of the document."""
    promised = listed(answer)
    assert ("Retry-After" in answer.headers) == ("Retry-After" in promised.get("headers", {}))
    if "content" not in promised:
        assert answer.content == b""
        return
    kind = answer.headers["Content-Type"].partition(";")[0]
    (schema,) = [
        entry.get("schema", {}) for name, entry in promised["content"].items() if fnmatch(kind, name)
    ]
    if kind == "application/json":
        shape = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
        assert list(shape.iter_errors(answer.json())) == []


def test_every_reference_leads_somewhere():
    Draft202012Validator.check_schema({"components": DOCUMENT["components"]})
    used = set(re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT)))
    assert used <= set(DOCUMENT["components"]["schemas"])
    assert {"Song", "Error", "Created", "Labels", "Segments", "Config", "Health", "Readiness"} <= used


@pytest.mark.parametrize(("method", "path", "song", "status", "options"), REQUESTS)
def test_what_is_answered_is_promised(method, path, song, status, options, server, done):
    said = server.post(f"/api/songs/{done}/corrections", json=SAID).json()["id"]
    ids = {"done": done, "nobody": "0" * 32}
    if song in ("fresh", "failed"):
        ids[song], upload_url = server.create("later.wav")
    if song == "failed":
        server.put(upload_url, data=TEXT)
    address = path.format(song_id=ids.get(song), index=0, correction_id=said)
    answer = ask(server, method, address, **options)
    assert answer.status_code == status, answer.text
    assert_promised(answer)


def test_every_call_is_tried():
    assert {(path, method) for method, path, *_ in REQUESTS} == set(CALLS)


def test_what_every_call_says_to_a_crowd_is_promised(run_server):
    with run_server(TIMBRE_REQUESTS_PER_MINUTE=1) as server:
        until(lambda: server.get("/api/config").status_code == 429)
        for path, method in CALLS:
            answer = ask(server, method, path.format(song_id="x", index=0, correction_id=0))
            assert answer.status_code == (200 if path == "/healthz" else 429)
            assert_promised(answer)


def test_what_a_server_without_room_says_is_promised(run_server, wav):
    with run_server(TIMBRE_MAX_WAITING=0) as server:
        for options in ({"json": {"name": "a.wav"}}, {"files": {"file": ("a.wav", wav.read_bytes())}}):
            assert_code(server.post("/api/songs", **options), 429, "queue_full")
        assert_code(server.put("/api/songs/nobody/upload", data=wav.read_bytes()), 429, "queue_full")
    with run_server(TIMBRE_MIN_FREE_BYTES=1 << 60, TIMBRE_METRICS_TOKEN="secret") as server:
        assert_code(server.post("/api/songs", json={"name": "a.wav"}), 507, "disk_full")
        assert_code(server.get("/metrics"), 404, "unknown_address")
        unready = server.get("/readyz")
        assert unready.status_code == 503
        assert_promised(unready)


def test_what_is_said_of_bytes_that_do_not_come_or_decode_is_promised(run_server, wav):
    with run_server(TIMBRE_STALL_S=1, TIMBRE_FFMPEG="/nowhere/ffmpeg") as server:
        for options in ({"json": {"name": "a.wav"}}, {"files": {"file": ("a.wav", wav.read_bytes())}}):
            assert_code(stalled(server, "POST", "/api/songs", **options), 408, "upload_stalled")
        assert_code(stalled(server, "PUT", server.create("a.wav")[1], data=TEXT[:100]), 408, "upload_stalled")
        song_id, upload_url = server.create("a.wav")

        def body():
            yield wav.read_bytes()[:10_000]
            server.wait(song_id, ("failed",))
            yield bytes(10_000)

        assert_code(server.put(upload_url, data=body()), 422, "decoder_crashed")


def ask(server: LiveServer, method: str, address: str, **options: Any) -> requests.Response:
    return requests.request(method, server.url + address, timeout=PATIENCE_S, **options)


def stalled(server: LiveServer, method: str, address: str, **options: Any) -> requests.Response:
    """What is answered when the last byte of a body never comes."""
    request = requests.Request(method, server.url + address, **options).prepare()
    request.headers["Content-Length"] = str(len(request.body) + 1)
    with requests.Session() as session:
        return session.send(request, timeout=PATIENCE_S)


def assert_code(answer: requests.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert_promised(answer)
