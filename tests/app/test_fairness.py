"""Many songs at once: nobody waits for somebody else's long song."""

import contextlib
import os
import threading
from pathlib import Path

import pytest
import requests
from live_server import PATIENCE_S, until


@pytest.fixture(scope="module")
def long(wav, encode) -> Path:
    """Half an hour, so that it is still being tagged when something happens."""
    return encode(wav, "long.flac", "-af aloop=loop=-1:size=300000 -t 1790 -ac 1 -ar 16000")


@pytest.fixture
def crowded(run_server, long):
    """A server with room for two songs, and one turn, tags four long ones that nobody follows."""
    with run_server(TIMBRE_MAX_ACTIVE=2, TIMBRE_MODEL_THREADS=os.cpu_count()) as server:
        songs = [server.upload(long) for _ in range(4)]
        for song_id in songs:
            server.wait(song_id, ("tagging",))
        yield server, songs


def test_a_short_song_does_not_wait_for_long_ones(crowded, wav):
    server, longs = crowded  # four in work, though two have places: long ones have places of their own
    n_before = min(server.song(song_id)["progress"]["tagged"] for song_id in longs)
    short = server.wait(server.upload(wav))
    assert len(short["segments"]) == 8
    states = [server.song(song_id) for song_id in longs]
    assert all(song["state"] == "tagging" for song in states)
    assert n_before < min(song["progress"]["tagged"] for song in states)  # nor do they wait for ever


def test_what_somebody_follows_comes_first(crowded, long, listen):
    server, longs = crowded
    followed = longs[-1]  # it began last
    listen(url=server.url).subscribe(followed)

    def tagged(songs: list[str]) -> int:
        return sum(server.song(song_id)["progress"]["tagged"] for song_id in songs)

    begun, before = tagged([followed]), tagged(longs[:-1])
    until(lambda: tagged([followed]) - begun >= 400)
    others = tagged(longs[:-1]) - before  # the three of them together, asked for before the one goes on
    assert others < tagged([followed]) - begun


def put_half(server, url: str, pieces) -> None:
    with contextlib.suppress(requests.ConnectionError):  # the server is ended meanwhile
        server.put(url, data=pieces)


def test_in_the_queue_whoever_waits_at_a_page_comes_first_and_small_songs_pass_large_ones(
    run_server, long, wav, listen
):
    with run_server(TIMBRE_MAX_ACTIVE=1, TIMBRE_MODEL_THREADS=os.cpu_count()) as server:
        for _ in range(3):  # two places for long songs, and one for any
            server.wait(server.upload(long), ("tagging",))
        may_end = threading.Event()

        def slowly():
            yield long.read_bytes()[:100_000]
            may_end.wait(PATIENCE_S)

        large, upload_url = server.create("large.flac", size_bytes=190_000_000)
        sending = threading.Thread(target=put_half, args=(server, upload_url, slowly()))
        sending.start()
        until(lambda: server.song(large)["queue_position"] == 1)
        small = server.upload(wav)
        assert [server.song(song_id)["queue_position"] for song_id in (small, large)] == [1, 2]
        followed = server.upload(wav)
        assert server.song(followed)["queue_position"] == 2
        listener = listen(url=server.url)
        listener.subscribe(followed)
        listener.wait_for_songs(1)
        queue = (followed, small, large)
        assert [server.song(song_id)["queue_position"] for song_id in queue] == [1, 2, 3]
        may_end.set()
        sending.join()
