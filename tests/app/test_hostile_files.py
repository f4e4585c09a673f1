"""Files made to do harm: each is refused in a sentence or tagged, and nothing else happens.

What is merely broken stands in test_uploads.py and tests/audio/test_decode.py, names in test_uploads.py.
"""

import contextlib
import io
import json
import os
import socketserver
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fuzzing import Outcome, make_files, mutated, try_on
from live_server import children

SECONDS = 7.25  # of the song that most of these carry
LIMIT_S = 120.0
# What ffmpeg by itself would read: tried also where a look at the first bytes does not find it.
OFTEN_READ = ("playlist of a file", "concat of a file", "mpd")
RATE_HZ = 32_000


class Visits(socketserver.BaseRequestHandler):
    """Counts who connects."""

    def handle(self) -> None:
        self.server.visits += 1


@pytest.fixture(scope="module")
def listener() -> Iterator[socketserver.TCPServer]:
    """A port of this machine where nobody may come."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Visits) as listening:
        listening.visits = 0
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield listening
        listening.shutdown()


@pytest.fixture(scope="module")
def secret(server, wav, encode) -> Path:
    """Another user's song, where the server keeps it."""
    song_id = server.upload(encode(wav, "secret.mp3", "-b:a 128k"))
    server.wait(song_id)
    return server.data_dir / "songs" / song_id / "upload"


def id3(*frames: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + _synchsafe(len(text)) + b"\0\0" + text for name, text in frames)
    return b"ID3\x04\0\0" + _synchsafe(len(body)) + body


def _synchsafe(n: int) -> bytes:
    return bytes(n >> shift & 0x7F for shift in (21, 14, 7, 0))


def wav_of(samples: np.ndarray, subtype: str = "FLOAT", rate_hz: int = RATE_HZ) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, subtype=subtype, format="WAV")
    return file.getvalue()


def wav_header(rate_hz: int, channels: int, data: bytes, data_bytes: int | None = None) -> bytes:
    form = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * 2 & 0xFFFF_FFFF, 2 * channels & 0xFFFF, 16)
    size = len(data) if data_bytes is None else data_bytes
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", min(len(body) if data_bytes is None else size, 0xFFFF_FFFF)) + body


def png(side: int) -> bytes:
    """A black picture of so many pixels a side, in a thousandth of the bytes that it takes in memory."""
    packed = zlib.compressobj(1)
    rows = b"".join(packed.compress(bytes(side * 3 + 1)) for _ in range(side)) + packed.flush()
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", rows),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def cover(picture: bytes, mp3: bytes) -> bytes:
    return id3((b"APIC", b"\0image/png\0\x03\0" + picture)) + mp3


def flac_cover(picture: bytes, flac: bytes) -> bytes:
    """The same flac, the picture behind its first block."""
    body = struct.pack(">II9sIIIIII", 3, 9, b"image/png", 0, 0, 0, 0, 0, len(picture)) + picture
    first = 4 + 4 + 34
    return flac[:first] + b"\x06" + len(body).to_bytes(3, "big") + body + flac[first:]


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("index.html", "<script>alert(1)</script>" * 100)
    return file.getvalue()


def elsewhere(m4a: bytes, path: Path) -> bytes:
    """An mp4, its index at the end, whose samples are said to lie in another file (QuickTime's alias)."""
    words = str(path).encode()
    alias = bytes(10) + bytes(28) + bytes(12) + bytes(64) + bytes(16) + struct.pack(">HH", 1, 1) + bytes(16)
    alias += struct.pack(">HH", 2, len(words)) + words + bytes(len(words) % 2) + b"\xff\xff\0\0"
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    at = m4a.index(b"url \0\0\0\x01") - 4
    grown = bytearray(m4a[:at] + entry + m4a[at + 12 :])
    for kind in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        start = m4a.rindex(kind, 0, at) - 4
        size = int.from_bytes(grown[start : start + 4], "big") + len(entry) - 12
        grown[start : start + 4] = size.to_bytes(4, "big")
    return bytes(grown)


@pytest.fixture(scope="module")
def links(secret, listener) -> dict[str, str]:
    """Texts that make a careless decoder open what they name."""
    url = f"http://127.0.0.1:{listener.server_address[1]}/song.mp3"
    period = "<Period><AdaptationSet mimeType='audio/mp4'><Representation id='1' bandwidth='1'>"
    profile = "urn:mpeg:dash:profile:isoff-on-demand:2011"
    return {
        "playlist of a file": f"#EXTM3U\n#EXTINF:7,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        "playlist of an address": f"#EXTM3U\n#EXTINF:7,\n{url}\n#EXT-X-ENDLIST\n",
        "concat of a file": f"ffconcat version 1.0\nfile '{secret}'\n",
        "concat of an address": f"ffconcat version 1.0\nfile '{url}'\n",
        "mpd": f"<?xml version='1.0'?><MPD profiles='{profile}'>{period}<BaseURL>{url}</BaseURL></MPD>",
        "svg": f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{url}'/><script>1</script></svg>",
        "html": f"<!DOCTYPE html><script src='{url}'></script>",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    }


@pytest.fixture(scope="module")
def hostile(wav, encode, links, secret) -> dict[str, tuple[bytes, set[object]]]:
    """Files by name, each with what may become of it: codes of errors, or seconds of song."""
    mp3, pcm = encode(wav, "song.mp3", "-b:a 128k").read_bytes(), wav.read_bytes()
    samples = pcm[44:]
    tone = np.sin(np.arange(RATE_HZ * 2) * 0.06).astype(np.float32)
    files: dict[str, tuple[bytes, set[object]]] = {}
    for name, text in links.items():
        files[name] = text.encode(), {"not_audio"}
        if name not in OFTEN_READ:
            continue
        files[f"{name} behind a tag"] = id3((b"TIT2", b"\0song")) + text.encode(), {"not_audio"}
        files[f"{name} behind noise"] = bytes(range(128, 256)) + text.encode() * 20, {"not_audio", SECONDS}
        files[f"{name} in a wav"] = pcm + text.encode(), {SECONDS}
    files |= {
        "mp4 of another file": (
            elsewhere(encode(wav, "song.m4a").read_bytes(), secret),
            {"not_audio", "too_short", "decoder_crashed"},
        ),
        "mp3 and zip": (mp3 + zipped(), {SECONDS}),
        "zip and mp3": (zipped() + mp3, {"not_audio"}),
        "pdf and mp3": (b"%PDF-1.4\n" + mp3, {"not_audio"}),
        "mp3 and pdf": (mp3 + b"%PDF-1.4\n<script>1</script>", {SECONDS}),
        "wav and html": (pcm + b"<html><script>alert(1)</script></html>", {SECONDS}),
        "cover of 5 MB": (cover(np.random.default_rng(0).bytes(5_000_000), mp3), {SECONDS}),
        "title with markup": (
            id3((b"TIT2", b"\x03<script>alert(1)</script>"), (b"TPE1", b"\x03" + b"x" * 1_000_000)) + mp3,
            {SECONDS},
        ),
        "wav of unknown size": (wav_header(44_100, 2, samples, 0xFFFF_FFFF), {SECONDS}),
        "wav of size 0": (wav_header(44_100, 2, samples, 0), {SECONDS, "too_short", "not_audio"}),
        "8 channels at 192 kHz": (
            encode(wav, "much.wav", "-ar 192000 -ac 8 -c:a pcm_s24le -t 3").read_bytes(),
            {3.0},
        ),
        "one sample": (wav_of(np.zeros(1)), {"too_short"}),
        "nothing but NaN": (wav_of(np.full(RATE_HZ, np.nan, np.float32)), {1.0}),
        "NaN and infinity": (wav_of(np.where(tone > 0, np.inf, np.nan).astype(np.float32)), {2.0}),
        "1e38": (wav_of(tone * np.float32(1e38)), {2.0}),
        "square": (wav_of(np.sign(tone), "PCM_16"), {2.0}),
        "1 Hz": (wav_header(1, 1, samples[:200]), {100.0, "not_audio", "decoder_crashed"}),
        "4 GHz": (wav_header(0xFFFF_FFFF, 1, samples), {"too_short", "not_audio", "decoder_crashed"}),
        "no channels": (wav_header(44_100, 0, samples), {"not_audio"}),
        "no rate": (wav_header(0, 1, samples), {"not_audio", "too_short"}),
        "65,535 channels": (
            wav_header(44_100, 65_535, samples),
            {"not_audio", "too_short", "decoder_crashed"},
        ),
    }
    return files


@pytest.fixture
def tried(server) -> Callable[[Iterable[tuple[str, bytes]]], list[Outcome]]:
    """`tried(files)`: what the server made of each of these names and bytes, a few at a time."""

    def run(files: Iterable[tuple[str, bytes]]) -> list[Outcome]:
        songs_dir = server.data_dir / "songs"
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda file: try_on(server.url, songs_dir, *file, LIMIT_S), files))

    return run


def ends_as(song: dict[str, Any]) -> object:
    return song["error"]["code"] if song["error"] else round(song["duration_s"], 1)


def test_each_is_refused_or_tagged_and_opens_nothing(server, tried, hostile, listener):
    wrong = {}
    for outcome in tried((name, data) for name, (data, _) in hostile.items()):
        end, expected = ends_as(outcome.song), hostile[outcome.name][1]
        if outcome.wrong or not any(end == pytest.approx(one, abs=0.2) for one in expected):
            wrong[outcome.name] = outcome.wrong or end
    assert wrong == {}
    assert listener.visits == 0
    assert server.get("/readyz").status_code == 200


def test_the_same_files_by_the_command_line(hostile, tiny_model, tmp_path, listener):
    for name, (data, _) in hostile.items():
        (tmp_path / f"{name}.mp3").write_bytes(data)
    paths = sorted(tmp_path.iterdir())
    command = [Path(sys.executable).with_name("timbre"), "tag", "--format", "json", "--model", tiny_model]
    done = subprocess.run([*command, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    found = {Path(row["file"]).stem: row for row in map(json.loads, done.stdout.splitlines())}
    assert found.keys() == hostile.keys()
    refused = {name for name, row in found.items() if "error" in row}
    codes_only = {
        name for name, (_, expected) in hostile.items() if all(isinstance(e, str) for e in expected)
    }
    seconds_only = {
        name for name, (_, expected) in hostile.items() if all(isinstance(e, float) for e in expected)
    }
    assert codes_only <= refused
    assert not seconds_only & refused
    assert listener.visits == 0


def test_metadata_is_neither_shown_nor_served(server, hostile):
    song_id, upload_url = server.create("title.mp3")
    server.put(upload_url, data=hostile["title with markup"][0])
    server.wait(song_id)
    for path in (f"/api/songs/{song_id}", f"/songs/{song_id}", f"/api/songs/{song_id}/export?format=json"):
        assert "alert(1)" not in server.get(path).text, path


def test_what_else_is_in_a_file_is_served_as_sound(server, hostile):
    song_id, upload_url = server.create("page.html")
    server.put(upload_url, data=hostile["wav and html"][0])
    server.wait(song_id)
    answer = server.get(f"/api/songs/{song_id}/audio")
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_cover_of_many_pixels_is_never_unpacked(wav, encode, tiny_model, tmp_path):
    picture = png(12_000)
    files = {
        tmp_path / "bomb.mp3": cover(picture, encode(wav, "a.mp3").read_bytes()),
        tmp_path / "bomb.flac": flac_cover(picture, encode(wav, "a.flac").read_bytes()),
    }
    for path, data in files.items():
        path.write_bytes(data)
        assert len(data) < 3_000_000
    tag = [
        str(Path(sys.executable).with_name("timbre")),
        "tag",
        "--format",
        "json",
        "--model",
        str(tiny_model),
    ]
    # A small process starts it: one that a large process starts is said to have been as large.
    measure = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", measure, *tag, *files], capture_output=True, check=True)
    *answers, largest_kb = done.stdout.splitlines()
    assert [json.loads(line)["duration_s"] for line in answers] == pytest.approx([SECONDS] * 2, abs=0.1)
    assert int(largest_kb) / 1_024 < 250  # MB of the largest process; the picture alone would take 412


def resident_mb(pid: int) -> float:
    """Memory of a process and all its descendants."""
    pages = 0
    for one in (pid, *children(pid)):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_ten_hours_of_silence_cost_no_memory(run_server, wav, encode):
    silence = "-af volume=0,apad -t 600 -ac 1"
    forms = {"bomb.flac": "-ar 8000 -frame_size 65535", "bomb.opus": "-b:a 6k"}
    with run_server(TIMBRE_MAX_DURATION_S=60) as server:
        server.wait(server.upload(wav))
        before_mb = resident_mb(server.process.pid)
        for name, options in forms.items():
            ten_hours = encode(wav, name, f"{silence} {options}").read_bytes() * 60
            song_id, upload_url = server.create(name)
            upload = threading.Thread(target=server.put, args=(upload_url,), kwargs={"data": ten_hours})
            upload.start()
            while (song := server.song(song_id))["state"] not in ("done", "failed"):
                assert resident_mb(server.process.pid) - before_mb < 150
                time.sleep(0.2)
            upload.join()
            assert song["error"]["code"] == "too_long"
            assert server.files(song_id) == []


def test_files_of_nothing_but_a_header_end_in_a_sentence(tried):
    heads = [
        (f"{n_bytes} of {name}", data[:n_bytes]) for name, data in make_files().items() for n_bytes in (60,)
    ]
    assert {outcome.name: outcome.wrong for outcome in tried(heads) if outcome.wrong} == {}


def test_spoiled_files_are_refused_or_tagged(server, tried):
    """A few of the thousands of benchmarks/fuzz_uploads.py."""
    outcomes = tried(mutated(make_files(), 60, seed=1))
    assert {outcome.name: outcome.wrong for outcome in outcomes if outcome.wrong} == {}
    assert {"done", "not_audio"} <= {outcome.says for outcome in outcomes}
    assert server.get("/readyz").status_code == 200
