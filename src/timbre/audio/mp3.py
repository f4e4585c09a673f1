"""What stands in front of an MP3's music: tags to pass over, and how long it is without padding."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_ID3_HEAD_BYTES = 10
_TAG_BYTES = 160  # Xing or Info with all its fields, and LAME's behind it
TAGGED_FRAME_BYTES = 4 + 32 + _TAG_BYTES  # a frame's header and side information, and the tag


@dataclass(frozen=True)
class Mp3Header:
    """What an MP3's Xing, Info and LAME tags say. ffmpeg reads them too, but tells less of a pipe."""

    duration_s: float | None  # without the encoder's padding; None where no tag says it
    constant_bit_rate: bool


def id3_size(head: bytes) -> int:
    """Bytes of the ID3v2 tag in front of an MP3, cover art included; 0 where there is none."""
    if head[:3] != b"ID3" or len(head) < _ID3_HEAD_BYTES:
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return size + _ID3_HEAD_BYTES


def without_id3(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes without the ID3v2 tags in front.

    Their titles and covers are none of a decoder's business, and behind a large one ffmpeg 5 may take an MP3
    for something else.
    """
    pieces, held, at, skip = iter(pieces), b"", 0, 0
    for piece in pieces:
        held, at = held[at:] + piece, 0
        while (skip := skip or id3_size(held[at : at + _ID3_HEAD_BYTES])) and at < len(held):
            passed = min(skip, len(held) - at)
            at, skip = at + passed, skip - passed
        if len(held) - at >= _ID3_HEAD_BYTES:
            break
    yield held[at:]
    yield from pieces


def mp3_header(frame: bytes) -> Mp3Header | None:
    """Read the first frame of an MP3 (`frame` begins at its sync word); None if it is none."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        return None
    version, rate_index = frame[1] >> 3 & 3, frame[2] >> 2 & 3
    if version == 1 or rate_index == 3:
        return None
    mono = frame[3] >> 6 == 3
    side_info = (17 if mono else 32) if version == 3 else (9 if mono else 17)
    tag = frame[4 + side_info : 4 + side_info + _TAG_BYTES]
    if tag[:4] not in (b"Xing", b"Info"):
        return Mp3Header(None, False)
    samples_per_frame = 1152 if version == 3 else 576
    rate_hz = _RATES_HZ[version][rate_index]
    return Mp3Header(_tagged_duration_s(tag, samples_per_frame, rate_hz), tag[:4] == b"Info")


def _tagged_duration_s(tag: bytes, samples_per_frame: int, rate_hz: int) -> float | None:
    """Seconds that a Xing or Info tag promises, less the LAME tag's delay and padding."""
    flags = int.from_bytes(tag[4:8], "big")
    if not flags & 1 or len(tag) < 12:
        return None
    samples = int.from_bytes(tag[8:12], "big") * samples_per_frame
    lame = tag[8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1) :]
    if len(lame) >= 24 and lame[:4] in (b"LAME", b"Lavf", b"Lavc", b"L3.9"):
        samples -= (lame[21] << 4 | lame[22] >> 4) + ((lame[22] & 0xF) << 8 | lame[23])
    return max(0, samples) / rate_hz
