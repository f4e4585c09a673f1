import io
import struct

import numpy as np
import pytest

from timbre.audio.decode import Decoder, read_pieces
from timbre.audio.mp4 import index_in_front
from timbre.errors import TimbreError


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def moved(data: bytes) -> bytes:
    return b"".join(index_in_front(io.BytesIO(data), len(data), 1_000))


def with_index(table: bytes) -> bytes:
    """An mp4 of one chunk table, its index at the end."""
    for kind in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        table = box(kind, table)
    return box(b"ftyp", b"M4A \0\0\0\0") + box(b"mdat", b"x" * 100) + table


@pytest.mark.parametrize("options", ["-b:a 128k", "-c:a alac"])
def test_the_sound_is_that_of_a_file_whose_index_stood_in_front(options, wav, encode):
    behind, in_front = encode(wav, "a.m4a", options), encode(wav, "b.m4a", options + " -movflags +faststart")
    first, second = (np.concatenate(list(Decoder(path))) for path in (behind, in_front))
    np.testing.assert_array_equal(first, second)


def test_an_index_that_goes_to_the_end_of_the_file_gets_a_length(wav, encode):
    path = encode(wav, "open.m4a", "-c:a alac")
    data = path.read_bytes()
    start = data.rindex(b"moov") - 4
    whole = np.concatenate(list(Decoder(path)))
    path.write_bytes(data[:start] + bytes(4) + data[start + 4 :])
    np.testing.assert_array_equal(np.concatenate(list(Decoder(path))), whole)


def test_no_byte_is_lost_and_only_offsets_change(wav, encode):
    data = encode(wav, "song.m4a").read_bytes()
    front = moved(data)
    assert len(front) == len(data)
    assert front.index(b"moov") < front.index(b"mdat")
    # The same program writes its own order with the same offsets.
    faststart = encode(wav, "song.m4a", "-movflags +faststart").read_bytes()
    table = front.index(b"stco")
    n = int.from_bytes(front[table + 8 : table + 12], "big")
    theirs = faststart.index(b"stco")
    shift = front.index(b"mdat") - faststart.index(b"mdat")  # ffmpeg leaves an empty box between
    mine = np.frombuffer(front, ">u4", n, table + 12).astype(int)
    np.testing.assert_array_equal(mine, np.frombuffer(faststart, ">u4", n, theirs + 12).astype(int) + shift)


@pytest.mark.parametrize(("kind", "form"), [(b"stco", ">I"), (b"co64", ">Q")])
def test_both_widths_of_offsets_move_by_the_length_of_the_index(kind, form):
    data = with_index(box(kind, struct.pack(">II", 0, 2) + struct.pack(form, 24) + struct.pack(form, 5_000)))
    front = moved(data)
    table = front.index(kind) + 12
    width = struct.calcsize(form)
    offsets = [int.from_bytes(front[table + i * width :][:width], "big") for i in range(2)]
    assert offsets == [24 + len(data) - data.index(b"moov") + 4, 5_000]  # what lies behind it stays


@pytest.mark.parametrize(
    "data",
    [
        box(b"ftyp", b"M4A "),
        box(b"moov", b""),
        box(b"ftyp", b"M4A ") + struct.pack(">I", 1) + b"mdat" + b"\xff" * 8,
        box(b"ftyp", b"M4A ") + struct.pack(">I", 7) + b"moov",
        box(b"ftyp", b"M4A ") + box(b"free", b"") * 200_000 + box(b"moov", b""),
        with_index(box(b"stco", b"\0" * 8) * 200_000),
        with_index(box(b"cmov", b"")).replace(b"stbl", b"cmov"),
        box(b"ftyp", b"M4A ") + box(b"mdat", b"x") + box(b"moov", bytes(1 << 25)),
    ],
    ids=["no index", "index alone", "endless box", "tiny box", "many boxes", "many tables", "packed", "huge"],
)
def test_an_index_that_no_song_has_is_refused(data):
    with pytest.raises(TimbreError) as refused:
        moved(data)
    assert refused.value.code == "not_audio"


def test_an_offset_that_would_not_fit_any_more_is_refused(tmp_path):
    path, data_bytes = tmp_path / "huge.mp4", 1 << 32
    head = box(b"ftyp", b"M4A ") + struct.pack(">I4sQ", 1, b"mdat", 16 + data_bytes)
    index = with_index(box(b"stco", struct.pack(">III", 0, 1, 0xFFFF_FFF0))).partition(b"moov")[2]
    with path.open("wb") as file:
        file.write(head)
        file.seek(len(head) + data_bytes)  # nothing is written there, so it takes no room
        file.write(box(b"moov", index))
    pieces = read_pieces(path)
    next(pieces)
    with pytest.raises(TimbreError) as refused:
        next(pieces)
    assert refused.value.code == "not_audio"


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(TimbreError) as refused:
        list(read_pieces(tmp_path / "none.m4a"))
    assert refused.value.code == "file_unreadable"
