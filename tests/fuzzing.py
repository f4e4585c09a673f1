"""Real small files of every format the service takes, spoiled in a thousand ways, each by its seed."""

import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import requests

from timbre.audio.ffmpeg import ffmpeg_path
from timbre.errors import PROBLEMS

# One and a half seconds each: two segments, and small enough that every byte has its turn.
FILES = {
    "pcm.wav": "", "float.wav": "-c:a pcm_f32le", "adpcm.wav": "-c:a adpcm_ms", "cbr.mp3": "-b:a 64k",
    "vbr.mp3": "-q:a 6", "bare.mp3": "-write_xing 0 -id3v2_version 0 -b:a 48k", "song.flac": "",
    "vorbis.ogg": "-c:a libvorbis", "song.opus": "-b:a 48k", "behind.m4a": "-b:a 48k",
    "in_front.m4a": "-b:a 48k -movflags +faststart",
    "pieces.mp4": "-b:a 48k -movflags +empty_moov+frag_keyframe",
    "lossless.m4a": "-c:a alac", "song.aac": "-b:a 48k", "song.aiff": "", "song.webm": "-b:a 48k",
    "song.mka": "-c:a flac",
}  # fmt: skip
_SOUND = "aevalsrc=0.3*sin(2*PI*330*t)+0.1*sin(2*PI*1234*t):d=1.5:s=22050"
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1000_0000)
_HEADER_BYTES = 200  # where lengths, rates and channels stand
_NEVER = {"internal", "tagging_failed", "interrupted"}
_PAUSE_S = 0.05
_REMOVED_S = 20.0

Mutation = Callable[[bytearray, np.random.Generator, list[bytes]], bytearray]


@cache
def make_files() -> dict[str, bytes]:
    """The unspoiled files, by name."""
    files = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, options in FILES.items():
            path = Path(folder) / name
            command = [ffmpeg_path(), "-v", "error", "-f", "lavfi", "-i", _SOUND, *options.split()]
            subprocess.run([*command, "-fflags", "+bitexact", str(path)], check=True)
            files[name] = path.read_bytes()
    return files


def _place(data: bytearray, rng: np.random.Generator) -> int:
    """A position, half of the time in the header."""
    end = min(len(data), _HEADER_BYTES) if rng.random() < 0.5 else len(data)
    return int(rng.integers(0, max(1, end)))


def _flip(data: bytearray, rng: np.random.Generator, _: list[bytes]) -> bytearray:
    for _n in range(int(rng.integers(1, 40))):
        place = min(_place(data, rng), len(data) - 1)
        data[place] ^= 1 << int(rng.integers(8))
    return data


def _cut(data: bytearray, rng: np.random.Generator, _: list[bytes]) -> bytearray:
    return data[: _place(data, rng) + 1]


def _drop(data: bytearray, rng: np.random.Generator, _: list[bytes]) -> bytearray:
    start = _place(data, rng)
    return data[:start] + data[start + int(rng.integers(1, 2_000)) :] or data


def _double(data: bytearray, rng: np.random.Generator, _: list[bytes]) -> bytearray:
    start = _place(data, rng)
    stretch = data[start : start + int(rng.integers(1, 20_000))]
    return data[:start] + stretch * int(rng.integers(2, 6)) + data[start:]


def _splice(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    """The head of this file on the body of another."""
    other = others[int(rng.integers(len(others)))]
    return data[: _place(data, rng) + 1] + other[int(rng.integers(len(other))) :]


def _extreme(data: bytearray, rng: np.random.Generator, _: list[bytes]) -> bytearray:
    for _n in range(int(rng.integers(1, 6))):
        place, form = _place(data, rng), "<>"[int(rng.integers(2))] + "BHIQ"[int(rng.integers(4))]
        value = _EXTREMES[int(rng.integers(len(_EXTREMES)))]
        field = struct.pack(form, value & ((1 << 8 * struct.calcsize(form)) - 1))
        data[place : place + len(field)] = field
    return data


def _blank(data: bytearray, rng: np.random.Generator, _: list[bytes]) -> bytearray:
    start, value = _place(data, rng), (0, 0xFF)[int(rng.integers(2))]
    end = min(len(data), start + int(rng.integers(1, 3_000)))
    data[start:end] = bytes([value]) * (end - start)
    return data


def _noise(data: bytearray, rng: np.random.Generator, _: list[bytes]) -> bytearray:
    start = _place(data, rng)
    return data[:start] + bytearray(rng.bytes(int(rng.integers(1, 3_000)))) + data[start:]


def _append(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    """Another file in front or behind."""
    other = bytearray(others[int(rng.integers(len(others)))])
    return data + other if rng.random() < 0.5 else other + data


MUTATIONS: dict[str, Mutation] = {
    "flipped": _flip, "cut": _cut, "dropped": _drop, "doubled": _double, "spliced": _splice,
    "extremes": _extreme, "blanked": _blank, "noise": _noise, "appended": _append,
}  # fmt: skip


def mutated(files: dict[str, bytes], n: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`n` spoiled files, each with a name that says of what it was made and how."""
    others = list(files.values())
    for number in range(n):
        rng = np.random.default_rng([seed, number])
        name = list(files)[number % len(files)]
        data, said = bytearray(files[name]), []
        for _ in range(int(rng.integers(1, 4))):
            how = list(MUTATIONS)[int(rng.integers(len(MUTATIONS)))]
            data = MUTATIONS[how](data, rng, others)
            said.append(how)
        yield f"{number} {name} {' '.join(said)}", bytes(data)


@dataclass(frozen=True)
class Outcome:
    """How a server took a file: `says` is "done" or an error's code; `wrong` what must not have been."""

    name: str
    status: int
    says: str
    seconds: float
    wrong: str
    song: dict[str, Any]


def try_on(url: str, songs_dir: Path, name: str, data: bytes, limit_s: float) -> Outcome:
    """Upload a file as the page does, wait for the end of its song, judge, and delete it."""
    started_s = time.monotonic()
    made = requests.post(f"{url}/api/songs", json={"name": name}, timeout=limit_s).json()
    address = f"{url}/api/songs/{made['id']}"
    sent = requests.put(url + made["upload_url"], data=data, timeout=limit_s)
    song = _ended(address, started_s + limit_s)
    says = song["error"]["code"] if song["error"] else song["state"]
    wrong = _what_is_wrong(sent, song, says) or _left_of(songs_dir / made["id"], song)
    if requests.delete(address, timeout=limit_s).status_code != 204:
        wrong = "not deleted"
    return Outcome(name, sent.status_code, says, time.monotonic() - started_s, wrong, song)


def _ended(address: str, deadline_s: float) -> dict[str, Any]:
    while True:
        song = requests.get(address, timeout=60).json()
        if song["state"] in ("done", "failed") or time.monotonic() > deadline_s:
            return song
        time.sleep(_PAUSE_S)


def _what_is_wrong(sent: requests.Response, song: dict[str, Any], says: str) -> str:
    if sent.status_code >= 500:
        return f"answered {sent.status_code}"
    if song["state"] == "failed":
        return "" if says in PROBLEMS and says not in _NEVER else f"failed with {says}"
    if song["state"] != "done":
        return f"never ended: {song['state']}"
    heard = np.array([segment["probabilities"] for segment in song["segments"]])
    inside = heard.size and np.isfinite(heard).all() and heard.min() >= 0 and heard.max() <= 1
    return "" if inside else "probabilities outside [0, 1]"


def _left_of(folder: Path, song: dict[str, Any]) -> str:
    """What a failed song has left on disk, once whoever removes it had the time."""
    deadline_s = time.monotonic() + _REMOVED_S
    while song["state"] == "failed" and any(path.is_file() for path in folder.rglob("*")):
        if time.monotonic() > deadline_s:
            return "bytes left"
        time.sleep(_PAUSE_S)
    return ""
