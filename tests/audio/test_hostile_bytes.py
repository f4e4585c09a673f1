"""Whatever the bytes: what reads them in Python gives an answer or one clear error, and soon."""

import io
import struct
import time
from collections.abc import Callable
from functools import partial

import pytest
from fuzzing import make_files, mutated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from timbre.audio.container import mp4_streams, ogg_is_complete, sniff
from timbre.audio.decode import Decoder
from timbre.audio.mp3 import id3_size, mp3_header, without_id3
from timbre.audio.mp4 import index_in_front
from timbre.errors import TimbreError

MAGIC = [
    b"", b"RIFF\0\0\0\0WAVE", b"FORM\0\0\0\0AIFF", b"ID3\x04\0\0", b"\xff\xfb\x90\x40", b"OggS", b"fLaC",
    b"\x1aE\xdf\xa3", b"\0\0\0\x10ftypM4A \0\0\0\0",
    b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\0\x40moov\0\0\0\x20trak",
]  # fmt: skip
BYTES = st.builds(lambda magic, rest: magic + rest, st.sampled_from(MAGIC), st.binary(max_size=600))
SOON_S = 10.0


def code_of(read: Callable[[], object]) -> str | None:
    """The code of the error that it raises, which must be one of ours."""
    try:
        read()
    except TimbreError as error:
        return error.code
    return None


def read_all(data: bytes) -> None:
    """Everything that is read of a file without ffmpeg."""
    for read in (sniff, mp4_streams, ogg_is_complete, id3_size, mp3_header):
        assert code_of(partial(read, data)) in (None, "empty_file", "not_audio")
    assert b"".join(without_id3([data[:7], data[7:]])) == b"".join(without_id3([data]))
    in_order = []
    if code_of(lambda: in_order.extend(index_in_front(io.BytesIO(data), len(data), 100))) is None:
        assert sum(map(len, in_order)) == len(data)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BYTES)
def test_made_up_bytes(data):
    read_all(data)


def test_spoiled_files():
    for _, data in mutated(make_files(), 300, seed=2):
        read_all(data)


@pytest.mark.parametrize(
    ("tags", "left"),
    [(b"ID3\x04\0\0\0\0\0\0" * 300_000, b"fLaC and more"), (b"ID3\x04\0\0\x7f\x7f\x7f\x7f", b"")],
    ids=["many", "one that is longer than the file"],
)
def test_tags_are_passed_over_however_many_and_long(tags, left):
    started_s = time.process_time()
    data = tags + b"fLaC and more"
    pieces = (data[start : start + 5_000] for start in range(0, len(data), 5_000))
    assert b"".join(without_id3(pieces)) == left
    assert time.process_time() - started_s < SOON_S


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


@pytest.mark.parametrize(
    "key",
    [b"Stream #0:0" + b": Audio: " * 300 + b"1" * 3_000, b"\n" * 12_000, b"\nInput #0, wav," * 800],
    ids=["streams", "lines", "inputs"],
)
def test_metadata_that_read_like_the_words_of_ffmpeg_are_read_through_soon(key):
    text = b"\0" + key + b"\0x"
    tag = b"TXXX" + struct.pack(">I2x", len(text)) + text
    size = bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    form = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16))
    song = chunk(b"ID3 ", b"ID3\x03\0\0" + size + tag) + chunk(b"data", bytes(32_000))
    decoder = Decoder([chunk(b"RIFF", b"WAVE" + form + song)], size_bytes=32_000)
    assert sum(map(len, decoder)) == decoder.n_samples > 0
    started_s = time.process_time()
    assert decoder.codec in ("pcm_s16le", None)
    assert decoder._duration_by_bit_rate_s() in (1.0, None)
    assert time.process_time() - started_s < SOON_S / 10
