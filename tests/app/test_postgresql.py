"""The same songs in PostgreSQL, by one setting."""

import signal

import pytest


@pytest.fixture(scope="module")
def grown_up(run_server, postgres_url):
    with run_server(DATABASE_URL=postgres_url) as server:
        yield server


def test_a_song_is_the_same(server, grown_up, wav):
    embedded, other = (one.wait(one.upload(wav)) for one in (server, grown_up))
    own = {"id", "created_at", "expires_at", "playback"}
    assert embedded.keys() == other.keys()
    assert all(embedded[name] == other[name] for name in embedded.keys() - own)
    assert grown_up.get("/readyz").status_code == 200
    assert not (grown_up.data_dir / "timbre.db").exists()


def test_listeners_hear_it(grown_up, wav, listen):
    song_id, upload_url = grown_up.create("heard.wav")
    listener = listen(url=grown_up.url)
    listener.subscribe(song_id)
    grown_up.put(upload_url, data=wav.read_bytes())
    assert len(listener.wait_for_segments(8)) == 8
    assert listener.wait_for_state("done")["duration_s"] == 7.25


def test_corrections_come_and_go(grown_up, wav):
    song_id = grown_up.upload(wav)
    grown_up.wait(song_id)
    said = {"start_s": 0.0, "end_s": 1.0, "label": "piano", "verdict": "missing"}
    made = grown_up.post(f"/api/songs/{song_id}/corrections", json=said).json()
    assert grown_up.get(f"/api/songs/{song_id}/corrections").json()["corrections"] == [made]
    assert grown_up.delete(f"/api/songs/{song_id}").status_code == 204
    assert grown_up.get(f"/api/songs/{song_id}").status_code == 404
    assert not (grown_up.data_dir / "songs" / song_id).exists()


def test_a_restart_forgets_nothing(run_server, postgres_url, wav, tmp_path):
    with run_server(tmp_path, DATABASE_URL=postgres_url) as server:
        done = server.wait(server.upload(wav))
        half, _ = server.create("half.wav")
        assert server.stop(signal.SIGTERM) == 0
    with run_server(tmp_path, DATABASE_URL=postgres_url) as server:
        assert server.song(done["id"]) == done
        assert server.song(half)["error"]["code"] == "interrupted"
