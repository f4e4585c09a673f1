import os
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests
from live_server import until

# The HTTP status where the first bytes tell, and the song's error where only decoding can.
BAD = {
    "empty": (400, "empty_file"),
    "text": (415, "not_audio"),
    "image": (415, "not_audio"),
    "playlist": (415, "not_audio"),
    "random": (200, "not_audio"),
    "no_sound": (200, "no_audio_stream"),
    "blip": (200, "too_short"),
}

JSON = {"Content-Type": "application/json"}


def raw_put(server, upload_url: str, claimed_bytes: int, body: bytes) -> socket.socket:
    """An upload by hand that may end or pause wherever it likes."""
    address = urlsplit(server.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=60)
    head = f"PUT {upload_url} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {claimed_bytes}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_fails_with_one_clear_error_and_leaves_no_byte(name, server, bad_files):
    status, code = BAD[name]
    song_id, upload_url = server.create(f"{name}.mp3")
    answer = server.put(upload_url, data=bad_files[name].read_bytes())
    assert answer.status_code == status
    song = server.wait(song_id, ("failed",))
    assert song["error"]["code"] == code
    assert set(song["error"]) == {"code", "message", "hint"}
    if status != 200:
        assert answer.json()["error"] == song["error"]
    assert song["segments"] == []
    assert server.files(song_id) == []


@pytest.mark.parametrize("name", ["empty", "text", "image", "playlist"])
def test_in_one_step_a_bad_file_leaves_not_even_a_song(name, server, bad_files):
    before = set((server.data_dir / "songs").iterdir())
    answer = server.post("/api/songs", files={"file": (f"{name}.mp3", bad_files[name].read_bytes())})
    assert (answer.status_code, answer.json()["error"]["code"]) == BAD[name]
    assert set((server.data_dir / "songs").iterdir()) == before


def test_a_silent_song_and_an_odd_name_are_like_any_other(server, wav, encode):
    silent = encode(wav, "silent.mp3", "-af volume=0 -b:a 64k")
    name = "../../曲<img src=x onerror=alert(1)>.mp3"
    song = server.wait(server.upload(silent, name))
    assert song["name"] == name
    assert song["progress"]["tagged"] == 8
    assert not list(server.data_dir.parent.glob("曲*"))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\x00b\u202ec\n.mp3", "abc.mp3"),
        ("x" * 5_000, "x" * 255),
        ("", "untitled"),
        ("C:\\x.mp3", "C:\\x.mp3"),
    ],
)
def test_names_are_text_of_bounded_length(given, shown, server):
    song_id, _ = server.create(given)
    assert server.song(song_id)["name"] == shown


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"name": 5}', b'{"name": "", "size_bytes": "1"}'])
def test_malformed_bodies_are_400(body, server):
    answer = server.post("/api/songs", data=body, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("form", ["json", "multipart", "raw"])
def test_a_body_of_broken_chunks_is_400(form, server):
    song_id, upload_url = server.create("a.wav")
    types = {"json": "application/json", "multipart": "multipart/form-data; boundary=b", "raw": "audio/wav"}
    target = f"PUT {upload_url}" if form == "raw" else "POST /api/songs"
    head = f"{target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: {types[form]}\r\n"
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(head.encode() + b"\r\nzz\r\nRIFF\r\n")
        assert connection.recv(12) == b"HTTP/1.1 400"
    if form == "raw":
        assert server.song(song_id)["error"]["code"] == "bad_request"


def test_a_form_without_a_file_is_400(server):
    assert server.post("/api/songs", files={"sound": ("x.wav", b"x")}).status_code == 400


def test_a_form_of_many_parts_is_413(server):
    parts = {f"field{i}": (None, "x") for i in range(11)}
    assert_too_large(server.post("/api/songs", files=parts), "form", "10 parts")


def test_a_form_with_a_large_field_is_413(server):
    assert_too_large(server.post("/api/songs", files={"field": (None, "x" * 600_000)}), "form", "500 kB")


def assert_too_large(answer, what: str, limit: str) -> None:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (413, "too_large")
    assert what in error["message"]
    assert limit in error["message"]
    assert "smaller" not in error["hint"]  # which would help a file alone


def test_a_song_is_uploaded_once(server, wav):
    song_id, upload_url = server.create("once.wav")
    assert server.put(upload_url, data=wav.read_bytes()).status_code == 200
    again = server.put(upload_url, data=wav.read_bytes())
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_uploaded")
    assert server.wait(song_id)["progress"]["tagged"] == 8


def test_an_unknown_song_takes_no_upload(server, wav):
    answer = server.put(f"/api/songs/{'0' * 32}/upload", data=wav.read_bytes())
    assert answer.status_code == 404


def test_too_many_bytes_are_413_however_they_come(run_server, wav):
    data = wav.read_bytes()
    with run_server(TIMBRE_MAX_BYTES=200_000) as server:
        assert server.post("/api/songs", json={"name": "x", "size_bytes": len(data)}).status_code == 413
        for body in (data, (data[i : i + 10_000] for i in range(0, len(data), 10_000))):
            song_id, upload_url = server.create("x")
            answer = server.put(upload_url, data=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
            assert "0.2 megabytes" in answer.json()["error"]["message"]
            assert server.song(song_id)["error"]["code"] == "too_large"
            assert server.files(song_id) == []
        form = requests.Request("POST", server.url, files={"file": ("x.wav", data)}).prepare()
        for body in (form.body, (form.body[i : i + 10_000] for i in range(0, len(form.body), 10_000))):
            kind = {"Content-Type": form.headers["Content-Type"]}
            answer = server.post("/api/songs", data=body, headers=kind)
            assert answer.status_code == 413
            assert "The file is larger than 0.2 megabytes" in answer.json()["error"]["message"]


def test_hours_in_a_small_file_are_too_long(run_server, wav, encode):
    bomb = encode(wav, "bomb.flac", "-af volume=0,apad -t 7200 -ac 1 -ar 8000 -frame_size 65535")
    with run_server(TIMBRE_MAX_DURATION_S=120) as server:
        song_id, upload_url = server.create("bomb.flac")
        server.put(upload_url, data=bomb.read_bytes())
        song = server.wait(song_id, ("failed",))
        assert song["error"]["code"] == "too_long"
        assert "2 minutes" in song["error"]["message"]
        assert song["segments"] == []
        assert server.files(song_id) == []


def test_what_says_that_it_is_too_long_is_not_shown_first(run_server, wav, encode, listen):
    long = encode(wav, "long.flac", "-af apad -t 600")
    with run_server(TIMBRE_MAX_DURATION_S=300) as server:
        song_id, upload_url = server.create("long.flac")
        listener = listen(url=server.url)
        listener.subscribe(song_id)
        server.put(upload_url, data=long.read_bytes())
        song = server.wait(song_id, ("failed",))
        assert song["error"]["code"] == "too_long"
        assert song["playback"]["ready"] is False
        assert server.get(song["playback"]["url"]).status_code == 409
        until(lambda: any(heard["state"] == "failed" for heard in listener.songs))
        assert len(listener.segments) < 30  # of 300


def test_what_says_that_it_is_too_long_and_is_slow_keeps_nobody_waiting(run_server, wav, encode):
    data = saying(encode(wav, "short.flac", "-af apad -t 30").read_bytes(), seconds=600)
    # One turn for all songs.
    with run_server(TIMBRE_MAX_DURATION_S=300, TIMBRE_MODEL_THREADS=os.cpu_count()) as server:
        song_id, upload_url = server.create("slow.flac")
        with raw_put(server, upload_url, len(data), data[: len(data) * 2 // 3]):
            server.wait(song_id, ("tagging",))
            assert server.wait(server.upload(wav))["progress"]["tagged"] == 8
            assert server.song(song_id)["state"] == "tagging"


def saying(flac: bytes, seconds: int) -> bytes:
    """The same file with another length in its head."""
    told = seconds * 44_100  # the number of samples, 36 bits
    return flac[:21] + bytes([flac[21] & 0xF0]) + told.to_bytes(4, "big") + flac[26:]


def test_what_is_shorter_than_it_says_is_tagged(run_server, wav, encode):
    data = saying(encode(wav, "short.flac").read_bytes(), seconds=600)
    with run_server(TIMBRE_MAX_DURATION_S=300) as server:
        song_id, upload_url = server.create("short.flac")
        server.put(upload_url, data=data)
        song = server.wait(song_id, ("done", "failed"))
        assert song["state"] == "done"
        assert (song["progress"]["tagged"], song["warnings"]) == (8, ["truncated"])


def test_the_first_segments_come_while_the_upload_is_running(server, wav, encode, listen):
    data = encode(wav, "song.mp3", "-b:a 128k").read_bytes()
    song_id, upload_url = server.create("slow.mp3", size_bytes=len(data))
    listener = listen()
    listener.subscribe(song_id)
    more = threading.Event()

    def body():
        yield data[: len(data) // 2]
        assert more.wait(60)
        yield data[len(data) // 2 :]

    upload = threading.Thread(target=server.put, args=(upload_url,), kwargs={"data": body()})
    upload.start()
    try:
        first = listener.wait_for_segments(1)[0]
        assert first["index"] == 0
        assert server.song(song_id)["duration_s"] is None
    finally:
        more.set()
        upload.join()
    assert server.wait(song_id)["progress"]["tagged"] == 8


@pytest.mark.parametrize("name", ["behind.m4a", "in_front.m4a", "song.flac", "song.ogg"])
def test_slow_uploads_end_as_fast_ones(name, server, wav, encode):
    options = {"behind.m4a": "", "in_front.m4a": "-movflags +faststart", "song.ogg": "-c:a libvorbis"}
    path = encode(wav, name, options.get(name, ""))
    fast = server.wait(server.upload(path))
    song_id, upload_url = server.create(name)
    data = path.read_bytes()
    server.put(upload_url, data=(data[i : i + 3_000] for i in range(0, len(data), 3_000)))
    assert server.wait(song_id)["segments"] == fast["segments"]


def test_a_cut_connection_fails_the_song_and_leaves_nothing(server, wav):
    song_id, upload_url = server.create("cut.wav")
    raw_put(server, upload_url, wav.stat().st_size, wav.read_bytes()[:300_000]).close()
    assert server.wait(song_id, ("failed",))["error"]["code"] == "upload_stalled"
    until(lambda: server.files(song_id) == [])  # nobody is left who could be answered after that


def test_a_stalled_upload_fails(run_server, wav):
    with run_server(TIMBRE_STALL_S=1) as server:
        song_id, upload_url = server.create("stalled.wav")
        connection = raw_put(server, upload_url, wav.stat().st_size, wav.read_bytes()[:300_000])
        assert server.wait(song_id, ("failed",))["error"]["code"] == "upload_stalled"
        assert b" 408 " in connection.recv(100)
        assert server.files(song_id) == []


def test_a_truncated_song_is_tagged_as_far_as_it_goes(server, wav, encode):
    data = encode(wav, "song.mp3", "-b:a 128k").read_bytes()
    song_id, upload_url = server.create("cut.mp3")
    server.put(upload_url, data=data[: len(data) * 6 // 10])
    song = server.wait(song_id)
    assert song["warnings"] == ["truncated"]
    assert 3 <= song["progress"]["tagged"] <= 5


def test_a_full_disk_is_507(run_server):
    with run_server(TIMBRE_MIN_FREE_BYTES=1 << 60) as server:
        pass_through = server.post("/api/songs", json={"name": "x"})
        assert (pass_through.status_code, pass_through.json()["error"]["code"]) == (507, "disk_full")


def test_a_huge_json_body_is_refused_unread(server):
    answer = server.post("/api/songs", data=b'{"name": "' + b"x" * 200_000 + b'"}', headers=JSON)
    assert_too_large(answer, "JSON body", "64 kB")


def test_a_stalled_form_is_408(run_server, wav):
    with run_server(TIMBRE_STALL_S=1) as server:
        address = urlsplit(server.url)
        connection = socket.create_connection((address.hostname, address.port), timeout=60)
        head = f"POST /api/songs HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 900000\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        head += '--x\r\nContent-Disposition: form-data; name="file"; filename="x.wav"\r\n\r\n'
        connection.sendall(head.encode() + wav.read_bytes()[:300_000])
        assert b" 408 " in connection.recv(100)


def test_a_trickle_is_no_upload(run_server, wav):
    with run_server(TIMBRE_STALL_S=2) as server:
        song_id, upload_url = server.create("trickle.wav")
        connection = raw_put(server, upload_url, wav.stat().st_size, wav.read_bytes()[:2_000])
        for _ in range(60):  # one byte a tenth of a second would go on for ever
            if server.song(song_id)["state"] == "failed":
                break
            connection.send(b"x")
            time.sleep(0.1)
        connection.close()
        assert server.wait(song_id, ("failed",))["error"]["code"] == "upload_stalled"
