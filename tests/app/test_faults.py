"""What breaks in the middle of a song: it is finished or has honestly failed, and the next one is well."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from live_server import children, until

from timbre.app.factory import create_app, start_work
from timbre.app.settings import Settings
from timbre.app.songs import MOST_CRASHES
from timbre.models.tagger import Tagger


@pytest.fixture(scope="module")
def long(wav, encode) -> Path:
    """8 minutes, so that it is still being tagged when something happens."""
    return encode(wav, "long.flac", "-af aloop=loop=-1:size=300000 -t 480 -ac 1 -ar 16000")


def decoders(server) -> list[int]:
    """Ids of the ffmpeg children."""
    return [
        pid for pid in children(server.process.pid) if b"ffmpeg" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_a_killed_decoder_is_an_honest_failure(server, long, wav):
    song_id = server.upload(long)
    server.wait(song_id, ("tagging",))
    for pid in decoders(server):
        os.kill(pid, signal.SIGKILL)
    song = server.wait(song_id, ("failed", "done"))
    assert (song["state"], song["error"]["code"]) == ("failed", "decoder_crashed")
    assert song["segments"] == []
    assert server.files(song_id) == []
    assert len(server.wait(server.upload(wav))["segments"]) == 8
    assert server.get("/readyz").status_code == 200


def test_a_killed_worker_is_replaced_and_goes_on(run_server, long, wav, tmp_path):
    with run_server(tmp_path) as server:
        done = server.wait(server.upload(wav))
        song_id = server.upload(long)
        server.wait(song_id, ("tagging",))
        (worker,) = [pid for pid in children(server.process.pid) if pid not in decoders(server)]
        os.kill(worker, signal.SIGKILL)
        until(lambda: worker not in children(server.process.pid) and _answers(server))
        assert server.song(done["id"]) == done
        song = server.wait(song_id)
        assert [segment["index"] for segment in song["segments"]] == list(range(480))


def _answers(server) -> bool:
    try:
        return server.get("/readyz").ok
    except OSError:
        return False


def test_a_song_that_ends_servers_is_given_up(run_server, long, wav, tmp_path):
    """One that kills every server that tags it fails; one that was only beside it is tagged."""
    with run_server(tmp_path) as server:
        poison, beside = server.upload(long), server.upload(long)
        for song_id in (poison, beside):
            server.wait(song_id, ("tagging",))
        kill_all(server)
    for _ in range(MOST_CRASHES - 2):
        with run_server(tmp_path) as server:
            server.wait(poison, ("decoding", "tagging"))
            assert server.song(beside)["state"] == "queued"  # suspects are tried one at a time
            kill_all(server)
    with run_server(tmp_path) as server:
        server.wait(poison, ("tagging",))
        kill_all(server)
    with run_server(tmp_path) as server:
        assert server.song(poison)["error"]["code"] == "tagging_failed"
        assert server.wait(beside)["progress"]["tagged"] == 480


def kill_all(server) -> None:
    """The server's process and its worker, as a machine that loses its power does."""
    family = children(server.process.pid)
    server.process.kill()
    os.kill(family[0], signal.SIGKILL)
    server.process.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def test_twenty_reloads_end_like_none(server, long, listen):
    """A tab that is closed at any moment and opened again has the same in the end."""
    drawn = random.Random(3)
    song_id = server.upload(long)
    have: dict[int, dict] = {}
    for _ in range(20):
        snapshot = server.song(song_id)["segments"]
        have = {row["index"]: row for row in snapshot}  # a reloaded page has nothing else
        tab = listen()
        tab.subscribe(song_id, after=max(have, default=-1))
        n_more = drawn.randint(1, 30)
        until(lambda: len(tab.segments) >= n_more or server.song(song_id)["state"] == "done")  # noqa: B023
        tab.client.disconnect()
    last = listen()
    last.subscribe(song_id)
    assert last.wait_for_state("done")["progress"]["tagged"] == 480
    last.wait_for_segments(480)
    assert last.indices == list(range(480))
    stored = server.song(song_id)["segments"]
    assert [{name: row[name] for name in stored[0]} for row in last.segments] == stored
    assert all(row == stored[index] for index, row in have.items())


@contextlib.contextmanager
def application(tiny_model, data_dir, tagger_class=Tagger, **settings):
    """The parts of a server in this process, where a fault can be put into one of them."""
    values = Settings(model=str(tiny_model), data_dir=str(data_dir), **settings)
    app, _, context = create_app(values, tagger_class.from_pretrained(tiny_model))
    stop = start_work(context)
    try:
        yield app.test_client(), context
    finally:
        stop()


def send(client, path: Path) -> str:
    made = client.post("/api/songs", json={"name": path.name}).json
    assert client.put(made["upload_url"], data=path.read_bytes()).status_code == 200
    return made["id"]


def ended(client, song_id: str) -> dict:
    return until(
        lambda: (song := client.get(f"/api/songs/{song_id}").json)["state"] in ("done", "failed") and song
    )


class Dying(Tagger):
    """Its third segment is the last thing that its thread does, the first time."""

    died = False

    def tag_waveform(self, pieces, turn, *, is_live=False):
        for segment in super().tag_waveform(pieces, turn, is_live=is_live):
            if segment.index == 3 and not Dying.died:
                Dying.died = True
                raise SystemExit  # which no `except Exception` sees
            yield segment


def test_a_tagging_thread_that_dies_leaves_no_song_behind(tiny_model, wav, tmp_path):
    with application(tiny_model, tmp_path, Dying) as (client, _):
        first = ended(client, send(client, wav))
        assert (first["state"], first["error"]["code"]) == ("failed", "tagging_failed")
        assert first["segments"] == []
        assert len(ended(client, send(client, wav))["segments"]) == 8
        assert client.get("/readyz").status_code == 200


def test_a_song_that_nobody_works_on_is_gone_on_with(tiny_model, wav, tmp_path):
    with application(tiny_model, tmp_path) as (client, context):
        song_id = send(client, wav)
        finished = ended(client, song_id)
        until(lambda: not context.tagging.has(song_id))  # its thread has a last step to go
        context.store.update_song(song_id, state="tagging")  # as if its thread had died without a word
        context.songs.mend()
        assert ended(client, song_id) == finished
        context.songs.mend()
        assert client.get(f"/api/songs/{song_id}").json == finished


class Hanging(Tagger):
    """A network that does not answer."""

    hangs, goes_on = False, None

    def probabilities(self, windows):
        until(lambda: not Hanging.hangs)
        return super().probabilities(windows)


def test_a_network_that_hangs_is_not_ready(tiny_model, wav, tmp_path, monkeypatch):
    monkeypatch.setattr("timbre.app.tagging._STUCK_S", 0.2)
    with application(tiny_model, tmp_path, Hanging) as (client, context):
        Hanging.hangs = True
        song_id = send(client, wav)
        until(lambda: context.tagging.why_stuck() == "The model does not answer.")
        Hanging.hangs = False
        assert ended(client, song_id)["state"] == "done"
        assert context.tagging.why_stuck() is None


def test_the_clock_moves_and_every_trace_goes(tiny_model, wav, tmp_path):
    with application(tiny_model, tmp_path, expiry_s=3_600.0, unused_s=60.0) as (client, context):
        old = ended(client, send(client, wav))["id"]
        correction = {"start_s": 0.0, "end_s": 1.0, "label": "piano", "verdict": "missing"}
        assert client.post(f"/api/songs/{old}/corrections", json=correction).status_code == 201
        unused = client.post("/api/songs", json={"name": "unused"}).json["id"]
        context.songs.sweep(time.time() + 30)
        assert client.get(f"/api/songs/{unused}").status_code == 200
        context.songs.sweep(time.time() + 90)
        assert client.get(f"/api/songs/{unused}").status_code == 404
        context.songs.sweep(time.time() + 3_500)
        assert client.get(f"/api/songs/{old}").status_code == 200
        context.songs.sweep(time.time() + 3_700)
        assert client.get(f"/api/songs/{old}").status_code == 404
        assert list((tmp_path / "songs").iterdir()) == []
        with sqlite3.connect(tmp_path / "timbre.db") as database:
            tables = [
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            assert {"songs", "segments", "corrections"} <= set(tables)
            rows = [database.execute(f"SELECT count(*) FROM {name}").fetchone() for name in tables]
        assert all(row == (0,) for row in rows)


def test_an_older_database_is_taken_over(tiny_model, wav, tmp_path):
    with application(tiny_model, tmp_path) as (client, _):
        finished = ended(client, send(client, wav))
    with sqlite3.connect(tmp_path / "timbre.db") as database:
        database.execute("ALTER TABLE songs DROP COLUMN crashes")
    with application(tiny_model, tmp_path) as (client, _):
        assert client.get(f"/api/songs/{finished['id']}").json == finished
        assert ended(client, send(client, wav))["state"] == "done"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 6 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True
    )
    if made.returncode:
        pytest.skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill_up(file: Path) -> None:
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(4096))


def test_a_disk_that_fills_up_is_507_and_nothing_stays(run_server, small_disk, wav, tmp_path):
    log_dir = tmp_path / "log"
    log_dir.mkdir()
    with run_server(log_dir, TIMBRE_DATA_DIR=small_disk, TIMBRE_MIN_FREE_BYTES=0) as server:
        done = server.wait(server.upload(wav))
        song_id, upload_url = server.create("large.wav")
        answer = server.put(upload_url, data=wav.read_bytes()[:44] + bytes(20_000_000))
        assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full")
        until(lambda: server.song(song_id).get("state") == "failed")
        assert server.song(song_id)["error"]["code"] == "disk_full"
        assert not (small_disk / "songs" / song_id).exists()
        filler = small_disk / "filler"
        fill_up(filler)
        answer = server.post("/api/songs", json={"name": "x" * 255})
        for _ in range(200):  # until the last page of the database is full as well
            if answer.status_code != 201:
                break
            answer = server.post("/api/songs", json={"name": "x" * 255})
        assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full")
        assert server.song(done["id"]) == done
        filler.unlink()
        assert server.wait(server.upload(wav))["progress"]["tagged"] == 8
