"""The microphone over a real socket."""

import io
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from live_server import Listener, LiveServer, until

RATE_HZ = 48_000
PIECE = RATE_HZ // 10
LONGEST_S = 8
LARGEST_BYTES = 1_300_000


def start(listener: Listener, rate_hz: int = RATE_HZ, **more: object) -> str:
    """Switch the microphone on; returns the song's id."""
    answer = listener.client.call("live_start", {"sample_rate_hz": rate_hz, **more})
    return answer["song_id"]


def say(listener: Listener, samples: np.ndarray, piece: int = PIECE) -> None:
    for first in range(0, len(samples), piece):
        listener.client.emit("live_audio", samples[first : first + piece].tobytes())


def tone(duration_s: float, rate_hz: int = RATE_HZ) -> np.ndarray:
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    return (0.3 * np.sin(2 * np.pi * (300 + 200 * np.floor(time_s)) * time_s)).astype("<f4")


def descendants(pid: int) -> set[int]:
    """Of a process, by /proc."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            child = int(stat.parent.name)
            found |= {child} | descendants(child)
    return found


def count_threads(pids: set[int]) -> int:
    return sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in pids)


@pytest.fixture(scope="module")
def strict_server(run_server) -> Iterator[LiveServer]:
    """A server of narrow limits."""
    limits = {"DURATION_S": LONGEST_S, "BYTES": LARGEST_BYTES, "ACTIVE": 2}
    settings = {f"TIMBRE_MAX_{name}": value for name, value in limits.items()}
    with run_server(**settings, TIMBRE_STALL_S=2) as server:
        yield server


@pytest.mark.parametrize(("form", "dtype", "scale"), [("float32", "<f4", 1.0), ("int16", "<i2", 32_767)])
def test_it_is_tagged_as_it_plays_and_not_kept(form, dtype, scale, server, listen):
    listener = listen()
    song_id = start(listener, format=form)
    # A segment is known as soon as the second after it has been heard; nothing else waits for more sound.
    say(listener, (tone(2.1) * scale).astype(dtype))
    assert listener.wait_for_segments(1)[0]["index"] == 0
    say(listener, (tone(1.9) * scale).astype(dtype))
    listener.client.emit("live_stop")
    assert listener.wait_for_state("done")["duration_s"] == pytest.approx(4.0)
    listener.wait_for_segments(4)
    assert listener.indices == [0, 1, 2, 3]
    assert server.files(song_id) == []
    assert server.get(f"/api/songs/{song_id}/audio").status_code == 409


def test_the_numbers_are_those_of_the_same_sound_uploaded(server, listen, tmp_path):
    """In pieces of an odd length and at a rate that is not the model's: resampled without a seam."""
    rate_hz = 44_100
    samples = (np.random.default_rng(1).normal(0, 0.1, 5 * rate_hz) + tone(5, rate_hz)).astype("<f4")
    path = tmp_path / "song.wav"
    soundfile.write(path, samples, rate_hz, subtype="FLOAT")
    uploaded = server.wait(server.upload(path))["segments"]
    listener = listen()
    start(listener, rate_hz)
    say(listener, samples, 4_409)
    listener.client.emit("live_stop")
    listener.wait_for_state("done")
    heard = listener.wait_for_segments(5)
    for segment, expected in zip(heard, uploaded, strict=True):
        assert segment["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-4)
        assert segment["peaks"] == pytest.approx(expected["peaks"], abs=0.01)


def test_the_pieces_keep_their_order(server, listen):
    """A sound whose loudness climbs: shuffled pieces would shuffle the peaks."""
    listener = listen()
    song_id = start(listener, 32_000)
    say(listener, np.linspace(0, 1, 4 * 32_000).astype("<f4"), 800)
    listener.client.emit("live_stop")
    assert listener.wait_for_state("done")["duration_s"] == 4.0
    peaks = [peak for row in server.song(song_id)["segments"] for peak in row["peaks"]]
    assert peaks == sorted(peaks)


def test_what_is_to_be_kept_is_a_song_like_any_other(server, listen):
    listener = listen()
    song_id = start(listener, keep=True, name="Session\x00 one")
    samples = tone(3.5)
    say(listener, samples)
    listener.client.emit("live_stop")
    listener.wait_for_state("done")
    listener.client.disconnect()
    song = server.song(song_id)
    assert (song["name"], song["progress"]["tagged"]) == ("Session one", 4)
    assert song["playback"] == {"url": f"/api/songs/{song_id}/audio", "exact": True, "ready": True}
    answer = server.get(song["playback"]["url"])
    assert answer.headers["Content-Type"] == "audio/wav"
    kept, rate_hz = soundfile.read(io.BytesIO(answer.content), dtype="float32")
    assert rate_hz == RATE_HZ
    np.testing.assert_allclose(kept, samples, atol=1 / 32_768)
    server.delete(f"/api/songs/{song_id}")
    assert server.files(song_id) == []


def test_a_socket_that_leaves_takes_its_song_along(strict_server, listen):
    """In mid-sound or after it: no row, no file, no child, no thread."""
    server = strict_server

    def come_and_go(*, ended: bool) -> None:
        listener = listen(url=server.url)
        song_id = start(listener)
        say(listener, tone(2.5))
        listener.wait_for_segments(1)
        if ended:
            listener.client.emit("live_stop")
            listener.wait_for_state("done")
        assert server.song(song_id)["id"] == song_id
        listener.client.disconnect()
        until(lambda: server.get(f"/api/songs/{song_id}").status_code == 404)
        assert not (server.data_dir / "songs" / song_id).exists()

    family = descendants(server.process.pid)
    come_and_go(ended=False)
    until(lambda: descendants(server.process.pid) == family)
    until(lambda: "timbre_active_songs 0.0" in server.get("/metrics").text)
    n_threads = count_threads(family)  # the web server's own are all there now
    for ended in (False, True, False):
        come_and_go(ended=ended)
    until(lambda: descendants(server.process.pid) == family)
    # Three of a session that lasts would stay in each round; one is the ping of the socket, which sleeps on.
    until(lambda: count_threads(family) < n_threads + 3 * 3)


def test_who_no_longer_follows_it_takes_it_along(server, listen):
    listener, other = listen(), listen()
    song_id = start(listener)
    say(listener, tone(2.5))
    listener.wait_for_segments(1)
    other.subscribe(song_id)
    other.wait_for_segments(1)
    other.client.emit("unsubscribe", {"song_id": song_id})
    other.client.disconnect()
    assert server.get(f"/api/songs/{song_id}").status_code == 200  # a listener is no owner
    listener.client.emit("unsubscribe", {"song_id": song_id})
    until(lambda: server.get(f"/api/songs/{song_id}").status_code == 404)
    start(listener)  # and a new one may begin


def test_one_microphone_a_socket(listen, server):
    listener = listen()
    first = start(listener)
    refused = listener.client.call("live_start", {"sample_rate_hz": RATE_HZ})
    assert refused == listener.wait_for_problem()
    assert refused["error"]["code"] == "not_possible"
    say(listener, tone(1))
    listener.client.emit("live_stop")
    listener.wait_for_state("done")
    start(listener)
    assert server.get(f"/api/songs/{first}").status_code == 404  # the new one took its place


def nan(samples: np.ndarray) -> bytes:
    return np.where(np.arange(len(samples)) == 7, np.nan, samples).astype("<f4").tobytes()


BAD_PIECES: dict[str, Callable[[np.ndarray], object]] = {
    "nothing": lambda _: b"",
    "text": lambda _: "sound",
    "a number": lambda _: 5,
    "half a sample": lambda samples: samples.tobytes()[:-1],
    "too much": lambda samples: np.resize(samples, 1 << 14).tobytes(),
    "no number": nan,
    "infinity": lambda samples: np.full_like(samples, math.inf).tobytes(),
}


def test_malformed_pieces_are_refused_and_leave_no_mark(server, listen):
    clean, spoiled = listen(), listen()
    samples = tone(4)
    for listener in (clean, spoiled):
        start(listener)
        say(listener, samples[: 2 * RATE_HZ])
    for make in BAD_PIECES.values():
        spoiled.client.emit("live_audio", make(samples[:PIECE]))
    until(lambda: len(spoiled.problems) == len(BAD_PIECES))
    for listener in (clean, spoiled):
        say(listener, samples[2 * RATE_HZ :])
        listener.client.emit("live_stop")
        listener.wait_for_state("done")
        listener.wait_for_segments(4)
    assert {problem["error"]["code"] for problem in spoiled.problems} == {"bad_request"}
    assert len({problem["error"]["message"] for problem in spoiled.problems}) == 4
    heard = [[row["probabilities"] for row in listener.segments] for listener in (clean, spoiled)]
    assert heard[0] == heard[1]


@pytest.mark.parametrize(
    "message",
    [
        {"sample_rate_hz": 100}, {"sample_rate_hz": 1e9}, {"sample_rate_hz": True}, {"sample_rate_hz": "1e4"},
        {"sample_rate_hz": math.nan}, {"sample_rate_hz": RATE_HZ, "format": "mp3"}, {"format": "int16"},
        {"sample_rate_hz": RATE_HZ, "keep": "yes"}, {"sample_rate_hz": RATE_HZ, "name": 5},
        {"sample_rate_hz": RATE_HZ, "format": ["float32"]},
    ],
)  # fmt: skip
def test_a_microphone_that_cannot_be_is_refused(message, server, listen):
    listener = listen()
    assert listener.client.call("live_start", message)["error"]["code"] == "bad_request"
    assert listener.wait_for_problem()["error"]["code"] == "bad_request"
    listener.client.emit("live_audio", tone(0.1).tobytes())
    until(lambda: len(listener.problems) == 2)
    assert listener.problems[1]["error"]["code"] == "not_possible"


def test_it_ends_after_the_longest_song(strict_server, listen):
    listener = listen(url=strict_server.url)
    start(listener)
    say(listener, tone(LONGEST_S + 1))
    assert listener.wait_for_problem()["error"]["code"] == "too_long"
    assert listener.wait_for_state("done")["duration_s"] == pytest.approx(LONGEST_S)
    say(listener, tone(0.1))
    until(lambda: len(listener.problems) > 1)
    assert {problem["error"]["code"] for problem in listener.problems} == {"too_long"}


def test_a_kept_one_ends_at_the_largest_file(strict_server, listen):
    listener = listen(url=strict_server.url)
    song_id = start(listener, 192_000, keep=True, format="int16")
    say(listener, np.zeros(LARGEST_BYTES, "<i2"))
    assert listener.wait_for_problem()["error"]["code"] == "too_long"
    listener.wait_for_state("done")
    (path,) = strict_server.files(song_id)
    assert 0.9 * LARGEST_BYTES < path.stat().st_size <= LARGEST_BYTES + 44


def test_silent_ones_keep_no_song_out(strict_server, wav, listen):
    silent = [listen(url=strict_server.url) for _ in range(3)]
    for listener in silent:
        listener.client.emit("live_start", {"sample_rate_hz": 32_000})
    assert until(lambda: [one for one in silent if one.problems])
    assert strict_server.wait(strict_server.upload(wav))["progress"]["tagged"] == 8
    # After the stall limit they have ended by themselves.
    until(lambda: "timbre_active_songs 0.0" in strict_server.get("/metrics").text)


def test_a_restart_keeps_what_was_to_be_kept_and_nothing_else(run_server, listen, tmp_path):
    with run_server(tmp_path) as server:
        kept, passing = listen(url=server.url), listen(url=server.url)
        kept_id, passing_id = start(kept, keep=True), start(passing)
        for listener in (kept, passing):
            say(listener, tone(3))
            listener.wait_for_segments(1)
        passing.client.emit("live_stop")
        passing.wait_for_state("done")
        assert server.stop() == 0
    with run_server(tmp_path) as server:
        assert server.wait(kept_id)["duration_s"] == pytest.approx(3.0, abs=0.11)
        assert server.get(f"/api/songs/{passing_id}").status_code == 404
