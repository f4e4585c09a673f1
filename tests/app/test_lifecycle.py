"""What outlives a tab, a process and a day, and what must not."""

import os
import signal
import time
from pathlib import Path

import pytest
import requests
from live_server import children, until


@pytest.fixture(scope="module")
def long(wav, encode) -> Path:
    """8 minutes, so that it is still being tagged when something happens."""
    return encode(wav, "long.flac", "-af aloop=loop=-1:size=300000 -t 480 -ac 1 -ar 16000")


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_song_survives_the_end_of_its_server(how, run_server, wav, long, tmp_path):
    with run_server(tmp_path) as server:
        expected = server.wait(server.upload(wav, "finished.wav"))
        finished = expected["id"]
        unfinished = server.upload(long)
        half, _ = server.create("half.wav")
        server.wait(unfinished, ("tagging",))
        family = children(server.process.pid)
        started_s = time.monotonic()
        if how == signal.SIGKILL:  # the worker does the work; its parent would only start another
            server.process.kill()
            os.kill(family[0], signal.SIGKILL)
            server.process.wait()
        else:
            assert server.stop(how) == 0
        assert time.monotonic() - started_s < 10
        deadline_s = time.monotonic() + 10
        while any(map(alive, family)) and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert not any(map(alive, family))
    with run_server(tmp_path) as server:
        assert server.song(finished) == expected
        interrupted = server.song(half)
        assert (interrupted["state"], interrupted["error"]["code"]) == ("failed", "interrupted")
        song = server.wait(unfinished)
        assert [segment["index"] for segment in song["segments"]] == list(range(480))
        assert song["duration_s"] == 480.0


def test_an_expired_song_leaves_no_trace(run_server, wav, tmp_path):
    with run_server(tmp_path, TIMBRE_EXPIRY_S=1) as server:
        song_id = server.upload(wav, "a name that nobody must find.wav")
        server.wait(song_id)
        assert server.song(song_id)["expires_at"] - time.time() < 1
        server.stop()
    time.sleep(1.1)  # the behaviour is the passing of time itself
    with run_server(tmp_path) as server:
        assert server.get(f"/api/songs/{song_id}").status_code == 404
        assert not (tmp_path / "songs" / song_id).exists()
        server.stop()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("timbre.db*"))
    assert song_id.encode() not in kept
    assert b"a name that nobody must find" not in kept


def test_an_expired_song_is_gone_at_once_and_its_files_soon(run_server, wav):
    with run_server(TIMBRE_EXPIRY_S=6) as server:
        song_id, upload_url = server.create(wav.name)
        expires_at = server.song(song_id)["expires_at"]
        server.put(upload_url, data=wav.read_bytes())
        while time.time() <= expires_at:  # the behaviour is the passing of time itself
            time.sleep(0.1)
        assert server.get(f"/api/songs/{song_id}").status_code == 404
        assert server.get(f"/api/songs/{song_id}/audio").status_code == 404
        until(lambda: server.files(song_id) == [], patience_s=30)


def test_names_are_not_in_the_log(run_server, wav, tmp_path):
    with run_server(tmp_path) as server:
        server.wait(server.upload(wav, "my secret demo.wav"))
        server.stop()
        assert "my secret demo" not in server.log.read_text()


def test_the_queue_is_bounded_and_tells_positions(run_server, gate, wav):
    decoder, opened = gate
    with run_server(TIMBRE_FFMPEG=decoder, TIMBRE_MAX_ACTIVE=1, TIMBRE_MAX_WAITING=2) as server:
        first = server.upload(wav)
        second = server.upload(wav)
        third = server.upload(wav)
        assert server.song(second)["state"] == "queued"
        assert [server.song(song)["queue_position"] for song in (second, third)] == [1, 2]
        refused = server.post("/api/songs", json={"name": "fourth"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "queue_full")
        assert int(refused.headers["Retry-After"]) > 0
        server.delete(f"/api/songs/{first}")
        server.wait(second, ("decoding",))
        assert server.song(third)["queue_position"] == 1
        opened.touch()
        assert all(server.wait(song) for song in (second, third))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"TIMBRE_MODEL": "no/such/model/anywhere"}, "There is no model folder no/such/model/anywhere"),
        ({"TIMBRE_ALLOWED_ORIGINS": "*"}, "must name origins"),
        ({"TIMBRE_MAX_BYTES": "many"}, "must be a number"),
        ({"TIMBRE_MAX_SOCKETS": "600"}, "must be below"),
    ],
)
def test_it_refuses_to_start_and_says_why(settings, says, run_server):
    with pytest.raises(AssertionError, match=says), run_server(**settings):
        pass


def test_a_taken_port_is_one_sentence(server, run_server):
    port = server.url.rsplit(":", 1)[1]
    with pytest.raises(AssertionError, match="cannot be used"), run_server(PORT=port):
        pass


def test_a_second_server_leaves_the_songs_of_the_first_alone(run_server, wav, tmp_path):
    with run_server(tmp_path) as server:
        half, upload_url = server.create("half.wav")
        with pytest.raises(AssertionError, match=f"Another server works in {tmp_path}"), run_server(tmp_path):
            pass
        assert server.song(half)["state"] == "uploading"
        assert server.put(upload_url, data=wav.read_bytes()).ok
        assert server.wait(half)


def test_readiness_tells_the_truth(run_server, tmp_path):
    with run_server(tmp_path) as server:
        assert server.get("/readyz").json() == {"status": "ready"}
        for file in tmp_path.glob("timbre.db*"):
            file.write_bytes(b"not a database" * 1_000)
        answer = server.get("/readyz")
        assert (answer.status_code, answer.json()["reason"]) == (503, "The database does not answer.")
        assert server.get("/healthz").status_code == 200
    with run_server(TIMBRE_MIN_FREE_BYTES=1 << 60) as server:
        assert server.get("/readyz").status_code == 503


def test_a_second_tab_and_a_reload_read_the_same(server, wav):
    song_id = server.upload(wav)
    done = server.wait(song_id)
    with requests.Session() as tab:
        assert tab.get(f"{server.url}/api/songs/{song_id}", timeout=60).json() == done
        page = tab.get(f"{server.url}/songs/{song_id}", timeout=60)
        assert page.headers["Content-Type"].startswith("text/html")
