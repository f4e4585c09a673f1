import threading

import numpy as np
import pytest
import requests
import socketio
from live_server import until


@pytest.fixture(scope="module")
def minute(wav, encode):
    """A song of 40 seconds: more segments than may be sent ahead."""
    return encode(wav, "minute.flac", "-af aloop=loop=-1:size=300000 -t 40")


@pytest.fixture(scope="module")
def done(server, minute):
    song_id = server.upload(minute)
    server.wait(song_id)
    return song_id


def test_two_listeners_hear_the_whole_song_in_order(server, minute, listen):
    song_id, upload_url = server.create("minute.flac")
    first, second = listen(), listen()
    first.subscribe(song_id)
    second.subscribe(song_id)
    for listener in (first, second):
        listener.wait_for_songs(1)  # both are there before the upload begins
    server.put(upload_url, data=minute.read_bytes())
    stored = server.wait(song_id)["segments"]
    for listener in (first, second):
        segments = listener.wait_for_segments(40)
        assert listener.indices == list(range(40))
        assert all(segment["spectrogram"][:2] == b"\xff\xd8" for segment in segments)
        told = [{name: row[name] for name in stored[0]} for row in segments]
        assert told == stored
        states = [song["state"] for song in listener.songs]
        assert states[0] == "uploading"
        assert listener.wait_for_state("done")["duration_s"] == 40.0
        assert "segments" not in listener.songs[0]


def test_pictures_are_those_of_rest(server, done, listen):
    listener = listen()
    listener.subscribe(done, after=37)
    for segment in listener.wait_for_segments(2):
        url = f"/api/songs/{done}/segments/{segment['index']}/spectrogram"
        assert server.get(url).content == segment["spectrogram"]


def test_after_is_exclusive_and_defaults_to_the_start(done, listen):
    listener = listen()
    listener.subscribe(done, after=35)
    listener.wait_for_segments(4)
    assert listener.indices == [36, 37, 38, 39]
    fresh = listen()
    fresh.client.emit("subscribe", {"song_id": done})
    fresh.wait_for_segments(40)
    assert fresh.indices == list(range(40))


def test_who_does_not_acknowledge_gets_eight_and_no_more(done, listen):
    frozen, other = listen(acknowledges=False), listen()
    frozen.subscribe(done)
    other.subscribe(done)
    other.wait_for_segments(40)
    assert frozen.indices == list(range(8))
    frozen.acknowledge(frozen.segments[4])  # cumulative: five are there
    frozen.wait_for_segments(13)
    other.subscribe(done, after=30)  # a round trip later there is still no more
    other.wait_for_segments(49)
    assert frozen.indices == list(range(13))


def test_nobody_acknowledges_what_was_not_sent(done, listen):
    listener = listen(acknowledges=False)
    listener.subscribe(done)
    listener.wait_for_segments(8)
    listener.client.emit("ack", {"song_id": done, "index": 10_000})
    listener.wait_for_segments(16)
    other = listen()
    other.subscribe(done)
    other.wait_for_segments(40)
    assert listener.indices == list(range(16))


def test_cut_connections_lose_and_double_nothing(server, done, listen):
    got: list[int] = []
    for cut_after in (3, 11, 17):
        listener = listen()
        listener.subscribe(done, after=got[-1] if got else -1)
        listener.wait_for_segments(min(cut_after, 39 - (got[-1] if got else -1)))
        listener.client.disconnect()
        got += listener.indices
    last = listen()
    last.subscribe(done, after=got[-1])
    if got[-1] < 39:
        last.wait_for_segments(39 - got[-1])
    assert got + last.indices == list(range(40))


def test_a_stranger_hears_nothing(server, minute, listen):
    stranger, guesser = listen(), listen()
    song_id, upload_url = server.create("secret.flac")
    guesser.subscribe(song_id[:-1] + ("0" if song_id[-1] != "0" else "1"))
    server.put(upload_url, data=minute.read_bytes())
    server.wait(song_id)
    assert guesser.problems[0]["error"]["code"] == "not_found"
    assert stranger.songs == stranger.segments == guesser.songs == guesser.segments == []


def test_the_room_hears_the_end_of_a_deleted_song(server, minute, listen):
    song_id = server.upload(minute)
    server.wait(song_id)
    listener = listen()
    listener.subscribe(song_id)
    listener.wait_for_segments(40)
    server.delete(f"/api/songs/{song_id}")
    assert listener.wait_for_state("cancelled")["id"] == song_id


def test_unsubscribing_ends_it(server, minute, listen):
    song_id, upload_url = server.create("left.flac")
    gone, staying = listen(), listen()
    gone.subscribe(song_id)
    staying.subscribe(song_id)
    staying.wait_for_state("uploading")
    gone.wait_for_state("uploading")
    gone.client.emit("unsubscribe", {"song_id": song_id})
    gone.subscribe("x" * 32)
    gone.wait_for_problem()  # events are handled in order, so the one before was too
    server.put(upload_url, data=minute.read_bytes())
    staying.wait_for_segments(40)
    assert gone.segments == []


MALFORMED = [
    None, 5, "x", [], {}, {"song_id": None}, {"song_id": 5}, {"song_id": ["a"]}, {"song_id": "../../etc"},
    {"song_id": "x", "after": "1"}, {"song_id": "x", "after": -2}, {"song_id": "x", "after": 2**40},
    {"song_id": "x", "after": True}, {"song_id": "x", "index": None}, b"\x00" * 100,
]  # fmt: skip


@pytest.mark.parametrize("event", ["subscribe", "unsubscribe", "ack", "live_start", "live_audio"])
def test_malformed_events_are_answered_and_never_fatal(event, server, done, listen):
    listener = listen()
    for payload in MALFORMED:
        listener.client.emit(event, payload)
    listener.subscribe(done)
    listener.wait_for_segments(40)
    assert all(set(p["error"]) == {"code", "message", "hint"} for p in listener.problems)
    assert server.get("/readyz").status_code == 200


def test_another_sites_page_may_not_connect(server):
    address = f"{server.url}/socket.io/?EIO=4&transport=polling"
    assert requests.get(address, headers={"Origin": "https://evil.example"}, timeout=60).status_code == 400
    assert requests.get(address, headers={"Origin": server.url}, timeout=60).status_code == 200
    with pytest.raises(socketio.exceptions.ConnectionError):
        socketio.Client(reconnection=False).connect(
            server.url, headers={"Origin": "https://evil.example"}, transports=["websocket"]
        )


@pytest.mark.parametrize(("form", "dtype", "scale"), [("float32", "<f4", 1.0), ("int16", "<i2", 32_767)])
def test_a_microphone_is_tagged_as_it_plays_and_not_kept(form, dtype, scale, server, listen):
    rate_hz = 48_000
    listener = listen()
    listener.client.emit("live_start", {"sample_rate_hz": rate_hz, "format": form})
    listener.wait_for_songs(1)
    tone = np.sin(np.arange(5 * rate_hz) * 0.1) * 0.3
    for start in range(0, 4 * rate_hz, 4_800):
        listener.client.emit("live_audio", (tone[start : start + 4_800] * scale).astype(dtype).tobytes())
    assert listener.wait_for_segments(1)[0]["index"] == 0  # while it is still on
    listener.client.emit("live_stop")
    song = listener.wait_for_state("done")
    assert song["duration_s"] == pytest.approx(4.0)
    listener.wait_for_segments(4)
    assert listener.indices == [0, 1, 2, 3]
    assert server.files(song["id"]) == []
    assert server.get(f"/api/songs/{song['id']}/audio").status_code == 409


def test_a_microphone_that_vanishes_ends_its_song(server, listen):
    listener = listen()
    listener.client.emit("live_start", {"sample_rate_hz": 32_000})
    song_id = listener.wait_for_songs(1)[0]["id"]
    listener.client.emit("live_audio", np.zeros(8_000, "<f4").tobytes())
    listener.subscribe("x" * 32)
    listener.wait_for_problem()
    listener.client.disconnect()
    assert server.wait(song_id)["progress"]["tagged"] == 1


def test_many_songs_at_once_keep_to_themselves(server, wav, encode, listen):
    """Songs of different loudness: each listener hears the numbers of its own."""
    paths = [encode(wav, f"song{i}.flac", f"-af volume={-6 * i}dB") for i in range(6)]
    alone = [server.wait(server.upload(path))["segments"] for path in paths]
    together: list[list[dict]] = [[] for _ in paths]

    def play(i: int) -> None:
        together[i] = server.wait(server.upload(paths[i]))["segments"]

    threads = [threading.Thread(target=play, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone
    assert len({str(rows[0]["probabilities"]) for rows in alone}) == 6


def test_the_pieces_of_a_microphone_keep_their_order(server, listen):
    """A tone whose loudness climbs: shuffled pieces would shuffle the peaks."""
    rate_hz = 32_000
    listener = listen()
    listener.client.emit("live_start", {"sample_rate_hz": rate_hz})
    ramp = np.linspace(0, 1, 4 * rate_hz).astype("<f4")
    for start in range(0, len(ramp), 800):
        listener.client.emit("live_audio", ramp[start : start + 800].tobytes())
    listener.client.emit("live_stop")
    song = listener.wait_for_state("done")
    assert song["duration_s"] == 4.0
    peaks = [peak for row in server.song(song["id"])["segments"] for peak in row["peaks"]]
    assert peaks == sorted(peaks)


def test_silent_microphones_keep_no_song_out(run_server, wav, listen):
    with run_server(TIMBRE_MAX_ACTIVE=2, TIMBRE_STALL_S=2) as server:
        silent = [listen(url=server.url) for _ in range(3)]
        for listener in silent:
            listener.client.emit("live_start", {"sample_rate_hz": 32_000})
        assert until(lambda: [one for one in silent if one.problems])
        assert server.wait(server.upload(wav))["progress"]["tagged"] == 8
        active = until(lambda: "timbre_active_songs 0.0" in server.get("/metrics").text)
        assert active  # after the stall limit they have ended by themselves


def test_sockets_are_bounded(run_server):
    with run_server(TIMBRE_MAX_SOCKETS=2, TIMBRE_WEB_THREADS=8) as server:
        address = f"{server.url}/socket.io/?EIO=4&transport=polling"
        codes = [requests.get(address, timeout=60).status_code for _ in range(4)]
        assert codes == [200, 200, 503, 503]
        assert server.get("/healthz").status_code == 200


def test_deleted_songs_do_not_count_as_followed(server, wav, listen):
    listener = listen()
    for _ in range(18):
        song_id, _ = server.create("short-lived")
        listener.subscribe(song_id)
        until(lambda: any(song["id"] == song_id for song in listener.songs))  # noqa: B023
        server.delete(f"/api/songs/{song_id}")
    assert listener.problems == []
