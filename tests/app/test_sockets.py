import ast
import threading
from pathlib import Path

import pytest
import requests
import socketio
from live_server import until

import timbre.app


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
    frozen.wait_for_segments(8)
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
    assert guesser.wait_for_problem()["error"]["code"] == "not_found"
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


def test_what_is_no_handshake_is_400(server):
    address = f"{server.url}/socket.io/?EIO=4&transport=websocket"
    answer = requests.get(address, headers={"Connection": "Upgrade", "Upgrade": "websocket"}, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_flood_of_events_that_nobody_knows_ends_too(run_server, listen):
    with run_server(TIMBRE_EVENTS_PER_MINUTE=600) as server:
        listener = listen(url=server.url)

        def end() -> bool:
            if listener.client.connected:
                listener.client.emit("no_such_event", {"song_id": "x" * 32})
            return not listener.client.connected

        until(end)
        codes = [problem["error"]["code"] for problem in listener.problems]
        assert codes[0] == "bad_request"
        assert codes[-1] == "too_many_requests"
        assert 'event="*"' in server.get("/metrics").text


def test_a_flood_that_cannot_be_read_ends_and_fills_no_log(run_server, listen):
    with run_server(TIMBRE_EVENTS_PER_MINUTE=600) as server:
        client = listen(url=server.url).client
        nonsense = "4{}"  # an error of connecting, which no client may send

        def end() -> bool:
            client.eio.send(nonsense)
            return not client.connected

        until(end)
        assert "Traceback" not in server.log.read_text()


def test_no_emit_goes_to_everybody():
    """Without a room the library sends to every socket there is."""
    calls = [
        (path.name, node.lineno, {keyword.arg for keyword in node.keywords})
        for path in Path(timbre.app.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("emit", "socketio.emit", "socketio.send")
    ]
    assert len(calls) >= 3
    assert [call for call in calls if "to" not in call[2]] == []


def test_another_sites_page_may_not_connect(server):
    address = f"{server.url}/socket.io/?EIO=4&transport=polling"
    assert requests.get(address, headers={"Origin": "https://evil.example"}, timeout=60).status_code == 400
    assert requests.get(address, headers={"Origin": server.url}, timeout=60).status_code == 200
    with pytest.raises(socketio.exceptions.ConnectionError):
        socketio.Client(reconnection=False).connect(
            server.url, headers={"Origin": "https://evil.example"}, transports=["websocket"]
        )


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
