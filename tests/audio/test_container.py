import pytest

from timbre.audio.container import mp4_streams, ogg_is_complete, sniff
from timbre.audio.mp3 import id3_size, mp3_header
from timbre.errors import TimbreError

FORMATS = {
    "song.wav": "wav", "song.mp3": "mp3", "song.flac": "flac", "song.ogg": "ogg", "song.opus": "ogg",
    "song.m4a": "mp4", "song.aac": "aac", "song.aiff": "aiff", "song.webm": "matroska",
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_a_real_file_is_known_by_its_first_bytes(name, wav, encode):
    options = "-c:a libvorbis" if name.endswith("ogg") else ""
    assert sniff(encode(wav, name, options).read_bytes()[:4_096]) == FORMATS[name]


@pytest.mark.parametrize("name", ["text", "image", "playlist"])
def test_what_is_no_audio_is_refused_at_sight(name, bad_files):
    with pytest.raises(TimbreError) as refused:
        sniff(bad_files[name].read_bytes()[:4_096])
    assert refused.value.code == "not_audio"


@pytest.mark.parametrize(
    "head", [b"<html><body>", b"<svg xmlns=", b"%PDF-1.7", b"PK\x03\x04zip", "曲は音楽です。\n".encode() * 50]
)
def test_documents_are_refused_at_sight(head):
    with pytest.raises(TimbreError):
        sniff(head)


def test_an_empty_file_is_called_empty():
    with pytest.raises(TimbreError) as refused:
        sniff(b"")
    assert refused.value.code == "empty_file"


def test_unknown_bytes_are_left_to_the_decoder(bad_files):
    assert sniff(bad_files["random"].read_bytes()[:4_096]) == "unknown"


def test_an_mp4_streams_when_its_index_stands_in_front(wav, encode):
    behind = encode(wav, "song.m4a").read_bytes()
    in_front = encode(wav, "song.m4a", "-movflags +faststart").read_bytes()
    assert mp4_streams(behind) is False
    assert mp4_streams(in_front) is True
    assert mp4_streams(in_front[:20]) is None


@pytest.mark.parametrize("options", ["-b:a 128k", "-q:a 4"])
def test_an_mp3_tells_its_length_without_padding(options, wav, encode):
    data = encode(wav, "song.mp3", options).read_bytes()
    start = id3_size(data)
    header = mp3_header(data[start : start + 4_096])
    assert header is not None
    assert header.duration_s == pytest.approx(7.25, abs=1e-3)
    assert header.constant_bit_rate == ("128k" in options)


def test_an_mp3_without_tags_tells_nothing(wav, encode):
    data = encode(wav, "song.mp3", "-write_xing 0 -id3v2_version 0").read_bytes()
    header = mp3_header(data)
    assert header is not None
    assert header.duration_s is None


def test_the_end_of_an_ogg_is_seen(wav, encode):
    data = encode(wav, "song.opus").read_bytes()
    assert ogg_is_complete(data[-65_536:])
    assert not ogg_is_complete(data[: len(data) // 2])
