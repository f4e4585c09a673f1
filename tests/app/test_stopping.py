"""The end of a server: whoever still listens or sends does not keep it from putting songs aside."""

import socket
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from live_server import LiveServer

HALF_A_HEAD = "GET / HTTP/1.1\r\nHost: "
HALF_AN_UPLOAD = "PUT {upload_url} HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\nRIFF"


@pytest.fixture(scope="module")
def long(wav, encode) -> Path:
    """Half an hour, so that it is still being tagged when the server ends."""
    return encode(wav, "long.flac", "-af aloop=loop=-1:size=300000 -t 1800 -ac 1 -ar 16000")


def said(server: LiveServer, words: str, data: bytes = b"") -> socket.socket:
    """A connection on which no more will be said."""
    address = urlsplit(server.url)
    connection = socket.create_connection((address.hostname, address.port))
    connection.sendall(words.encode() + data)
    return connection


@pytest.mark.parametrize("n_bytes", [4, 200_000])
def test_an_upload_that_the_end_cuts_is_not_called_stalled(n_bytes, run_server, wav, tmp_path):
    with run_server(tmp_path) as server:
        song_id, upload_url = server.create("half.wav")
        head = HALF_AN_UPLOAD.format(upload_url=upload_url).removesuffix("RIFF")
        with said(server, head, wav.read_bytes()[:n_bytes]):
            if n_bytes > 4:
                server.wait(song_id, ("decoding", "tagging"))
            assert server.stop() == 0
    with run_server(tmp_path) as server:
        song = server.song(song_id)
        assert (song["state"], song["error"]["code"]) == ("failed", "interrupted")


@pytest.mark.parametrize("words", ["", HALF_A_HEAD, HALF_AN_UPLOAD])
def test_a_song_is_put_aside_whoever_is_connected(words, run_server, listen, long, tmp_path):
    with run_server(tmp_path) as server:
        song_id = server.upload(long)
        listener = listen(url=server.url)
        listener.subscribe(song_id)
        listener.wait_for_segments(1)
        with said(server, words.format(upload_url=server.create("half.wav")[1])):
            assert server.stop() == 0
    with sqlite3.connect(tmp_path / "timbre.db") as database:
        row = database.execute("SELECT state, crashes FROM songs WHERE id = ?", (song_id,)).fetchone()
    assert row == ("queued", 0)  # no crash is counted, since it was no song that ended the server
