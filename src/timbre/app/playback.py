"""What the browser plays: the upload itself where seeking in it is exact, else a transcode.

Measured in Chromium on a click track: wav, flac, m4a, Opus and MP3 of constant bit rate seek to
within 31 ms of where they say. MP3 of variable bit rate is off by up to 0.28 s with a Xing header
and 0.44 s without, Vorbis by up to 0.46 s, and raw AAC and MP3 without any header have no index at
all. Those are transcoded to FLAC, which seeks to the sample.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from timbre.audio.container import HEAD_BYTES, sniff
from timbre.audio.decode import SOUND_ALONE, UNTRUSTED_INPUT, read_pieces
from timbre.audio.ffmpeg import Child, ChildLimits
from timbre.audio.mp3 import id3_size, mp3_header, without_id3
from timbre.errors import TimbreError

UPLOAD_FILE = "upload"
TRANSCODE_FILE = "playback.flac"
TRANSCODE_TYPE = "audio/flac"
PART_SUFFIX = ".part"
_TRANSCODE_RATE_HZ = 44_100
_TRANSCODE_CHANNELS = 2
_HEADER_BYTES = 1 << 16
_LARGEST_BYTES_PER_S = (
    1.1 * _TRANSCODE_RATE_HZ * _TRANSCODE_CHANNELS * 2
)  # of noise, which flac cannot shorten

_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp4": "audio/mp4",
}
# Codecs that browsers play and seek exactly in these containers; the others are transcoded.
_EXACT = {
    "wav": re.compile(r"pcm_(u8|s16le|s24le|s32le|f32le)"),
    "mp3": re.compile(r"mp3(float)?"),
    "flac": re.compile("flac"),
    "ogg": re.compile("opus|flac"),
    "mp4": re.compile("aac|mp3"),
}


@dataclass(frozen=True)
class Playback:
    """How a song is to be played.

    `media_type` is that of the upload, and `exact` whether it can be played and seeks exactly.
    """

    media_type: str | None
    exact: bool


def judge(path: Path, codec: str | None) -> Playback:
    """How the upload at `path`, whose audio stream has this ffmpeg codec name, is to be played."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        container = sniff(head)
        media_type = _TYPES.get(container)
        if media_type is None or codec is None or not _EXACT[container].fullmatch(codec):
            return Playback(None, False)
        if container != "mp3":
            return Playback(media_type, True)
        file.seek(id3_size(head))
        frame = mp3_header(file.read(HEAD_BYTES))
    return Playback(media_type, frame is not None and frame.constant_bit_rate)


def transcode(
    source: Path, target: Path, duration_s: float, limits: ChildLimits, started: Callable[[Child], None]
) -> None:
    """Write the FLAC that is played instead of `source`, `duration_s` long, whole or not at all.

    `started` gets the child, so that another thread can end it.

    Raises
    ------
    TimbreError
        `decoder_crashed`; `file_unreadable` when the source is gone.
    """
    # A name of its own: another server's orphan could still be writing to a common one.
    temporary = target.with_name(f"{secrets.token_hex(8)}{PART_SUFFIX}")
    arguments = [*UNTRUSTED_INPUT, *SOUND_ALONE, "-t", str(duration_s)]
    arguments += ["-ac", str(_TRANSCODE_CHANNELS), "-ar", str(_TRANSCODE_RATE_HZ), "-sample_fmt", "s16"]
    arguments += ["-f", "flac", "-y", f"file:{temporary}"]
    file_bytes = _HEADER_BYTES + int(duration_s * _LARGEST_BYTES_PER_S)
    child = Child(arguments, without_id3(read_pieces(source)), limits, file_bytes)
    try:
        started(child)
        while child.read(HEAD_BYTES):
            pass
        if child.wait() != 0:
            raise TimbreError("decoder_crashed")
        temporary.replace(target)
    finally:
        child.release()
        temporary.unlink(missing_ok=True)
