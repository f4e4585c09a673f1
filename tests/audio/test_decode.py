import threading
import time
from itertools import count
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from timbre.audio import ffmpeg
from timbre.audio.decode import DecodeLimits, Decoder, RawFormat
from timbre.errors import TimbreError

FORMATS = {
    "song.wav": "", "cbr.mp3": "-b:a 128k", "vbr.mp3": "-q:a 2", "bare.mp3": "-q:a 2 -write_xing 0",
    "song.flac": "", "song.ogg": "-c:a libvorbis -q:a 5", "song.opus": "-b:a 128k",
    "behind.m4a": "-b:a 128k", "in_front.m4a": "-b:a 128k -movflags +faststart", "song.aac": "-b:a 128k",
    "song.aiff": "", "song.webm": "-b:a 128k",
}  # fmt: skip
STREAMING = [name for name in FORMATS if name != "behind.m4a"]


@pytest.fixture(params=["system", "bundled"])
def each_ffmpeg(request, monkeypatch):
    """The system's ffmpeg, and the one that comes with the install."""
    if request.param == "bundled":
        monkeypatch.setenv("TIMBRE_FFMPEG", imageio_ffmpeg.get_ffmpeg_exe())
    ffmpeg.ffmpeg_path.cache_clear()
    yield
    ffmpeg.ffmpeg_path.cache_clear()


def decode(source, **options) -> tuple[np.ndarray, Decoder]:
    decoder = Decoder(source, **options)
    return np.concatenate(list(decoder)), decoder


def code_of(source, **options) -> str:
    with pytest.raises(TimbreError) as refused:
        decode(source, **options)
    return refused.value.code


def in_pieces(path: Path, size: int = 5_000):
    data = path.read_bytes()
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.fixture(scope="session")
def truth(wav) -> np.ndarray:
    """The song as scipy makes it mono at 32 kHz."""
    samples, rate_hz = soundfile.read(wav)
    return resample_poly(samples.mean(axis=1), 32_000, rate_hz)


@pytest.mark.usefixtures("each_ffmpeg")
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_the_same_sound(name, wav, encode, truth):
    waveform, decoder = decode(encode(wav, name, FORMATS[name]))
    assert waveform.dtype == np.float32
    assert decoder.duration_s == pytest.approx(7.25, abs=0.06)
    assert not decoder.truncated
    correlation = [
        np.corrcoef(waveform[max(0, lag) :][:200_000], truth[max(0, -lag) :][:200_000])[0, 1]
        for lag in range(-1_600, 1_601, 8)  # the codecs' own delay, at most 50 ms
    ]
    assert max(correlation) > 0.98
    # Mono is the mean of the channels; LAME itself turns down by 5 % at low rates.
    assert np.std(waveform) == pytest.approx(np.std(truth), rel=0.06)


@pytest.mark.usefixtures("each_ffmpeg")
@pytest.mark.parametrize("name", STREAMING)
def test_a_stream_gives_the_samples_of_the_file(name, wav, encode):
    path = encode(wav, name, FORMATS[name])
    whole, _ = decode(path)
    streamed, _ = decode(in_pieces(path))
    np.testing.assert_array_equal(streamed, whole)


def test_the_first_samples_come_while_the_rest_is_missing(wav):
    more = threading.Event()

    def slow():
        data = wav.read_bytes()
        yield data[:400_000]
        assert more.wait(20)
        yield data[400_000:]

    decoder = Decoder(slow())
    pieces = iter(decoder)
    first = next(pieces)
    assert len(first) > 0
    more.set()
    rest = sum(len(piece) for piece in pieces)
    assert (len(first) + rest) / 32_000 == pytest.approx(7.25, abs=1e-3)


def test_lengths_are_estimated_before_they_are_known(wav, encode):
    for name in ("song.wav", "cbr.mp3", "song.flac", "in_front.m4a"):
        path = encode(wav, name, FORMATS[name])
        decoder = Decoder(in_pieces(path), size_bytes=path.stat().st_size)
        next(iter(decoder))
        assert decoder.duration_estimate_s == pytest.approx(7.25, abs=0.1), name
        decoder.close()


@pytest.mark.usefixtures("each_ffmpeg")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("empty", "empty_file"), ("text", "not_audio"), ("image", "not_audio"), ("playlist", "not_audio"),
        ("random", "not_audio"), ("no_sound", "no_audio_stream"), ("blip", "too_short"),
    ],
)  # fmt: skip
def test_bad_files_are_told_apart(name, code, bad_files):
    assert code_of(bad_files[name]) == code
    assert code_of(in_pieces(bad_files[name])) == code if name != "no_sound" else True


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    assert code_of(tmp_path / "none.wav") == "file_unreadable"


@pytest.mark.usefixtures("each_ffmpeg")
@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_off_is_decoded_as_far_as_it_goes(name, wav, encode, tmp_path):
    path = tmp_path / name
    data = encode(wav, name, FORMATS[name]).read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    if name == "behind.m4a":  # its index was in the part that is missing
        assert code_of(path) == "not_audio"
        return
    waveform, decoder = decode(path)
    assert 2.5 < len(waveform) / 32_000 < 6.0
    # Without a header, an MP3 cut between frames, or an ADTS stream, is a shorter song.
    assert decoder.truncated or name == "bare.mp3"


def test_hours_of_silence_in_a_small_file_are_refused(wav, encode, tmp_path):
    bomb = encode(wav, "bomb.flac", "-af volume=0,apad -t 10000 -ac 1 -ar 8000 -frame_size 65535")
    assert bomb.stat().st_size < 1_000_000
    started_s = time.process_time()
    assert code_of(bomb, limits=DecodeLimits(max_duration_s=60)) == "too_long"
    assert time.process_time() - started_s < 5


def test_nan_and_overload_become_sound(tmp_path):
    samples = np.random.default_rng(2).normal(0, 3, 32_000).astype(np.float32)
    samples[5_000:6_000] = np.nan
    samples[7_000:8_000] = np.inf
    path = tmp_path / "nan.wav"
    soundfile.write(path, samples, 32_000, subtype="FLOAT")
    waveform, _ = decode(path)
    assert np.isfinite(waveform).all()
    assert np.abs(waveform).max() <= 1.0


def test_a_microphones_samples_need_no_container():
    samples = np.sin(np.arange(48_000) * 0.05).astype("<f4")
    waveform, _ = decode(iter([samples.tobytes()]), raw=RawFormat(48_000))
    assert len(waveform) == 32_000


@pytest.mark.parametrize("script", ["sleep 60", "exec cat"])
def test_a_decoder_that_hangs_is_ended(script, wav, tmp_path, monkeypatch):
    fake = tmp_path / "ffmpeg"
    fake.write_text(
        f"#!/bin/sh\n{script} >/dev/null\n" if script == "exec cat" else f"#!/bin/sh\nexec {script}\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("TIMBRE_FFMPEG", str(fake))
    ffmpeg.ffmpeg_path.cache_clear()
    try:
        expected = "too_short" if script == "exec cat" else "decoder_crashed"
        assert code_of(wav, limits=DecodeLimits(stall_s=1.0)) == expected
    finally:
        ffmpeg.ffmpeg_path.cache_clear()


def test_a_song_without_end_stops_when_it_is_closed(wav):
    data = wav.read_bytes()
    endless = (data if i == 0 else data[-100_000:] for i in count())
    decoder = Decoder(endless)
    pieces = iter(decoder)
    next(pieces)
    decoder.close()
    for _ in pieces:  # what was under way; it must come to an end
        pass


def test_an_error_of_the_source_reaches_the_reader(wav):
    def broken():
        yield wav.read_bytes()[:200_000]
        raise TimbreError("upload_stalled")

    assert code_of(broken()) == "upload_stalled"


def test_an_mp3_that_holds_more_than_its_tag_says_is_whole(wav, encode, tmp_path):
    once = encode(wav, "once.mp3", "-b:a 128k")
    twice = tmp_path / "twice.mp3"
    twice.write_bytes(once.read_bytes() * 2)
    lengths = {len(decode(source)[0]) for source in (twice, twice, in_pieces(twice), in_pieces(twice, 777))}
    assert len(lengths) == 1
    assert lengths.pop() / 32_000 == pytest.approx(14.55, abs=0.06)


@pytest.mark.usefixtures("each_ffmpeg")
def test_nothing_is_lost_where_rate_and_channels_change(wav, encode, tmp_path):
    bare = "-write_xing 0 -id3v2_version 0 -b:a 64k"
    parts = [encode(wav, "part.mp3", f"{bare} -ar {rate} -ac {n}") for rate, n in ((44_100, 2), (22_050, 1))]
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts * 3))
    waveform, _ = decode(joined)
    assert len(waveform) >= 6 * 7.25 * 32_000


def test_metadata_is_not_taken_for_ffmpegs_words(wav, encode):
    lies = "Duration: 99:00:00.00, Stream #0:0: Audio: alac"
    named = lies.replace(" ", "_")
    titled = encode(
        wav, "song.flac", f"-metadata title=ended_prematurely -metadata comment={lies.replace(' ', '_')}"
    )
    data = titled.read_bytes().replace(b"ended_prematurely", b"ended prematurely")
    data = data.replace(named.encode(), lies.encode())
    titled.write_bytes(data)
    _, decoder = decode(titled)
    assert not decoder.truncated
    assert decoder.codec == "flac"
    assert decoder.duration_estimate_s == pytest.approx(7.25)


def test_many_open_files_do_not_matter(wav):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2_048:
        pytest.skip("this machine allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2_048, hard))
    files = [wav.open("rb") for _ in range(1_100)]
    try:
        assert len(decode(wav)[0]) == 232_000
    finally:
        for file in files:
            file.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_an_ffmpeg_that_is_not_there_is_a_sentence(wav, monkeypatch):
    monkeypatch.setenv("TIMBRE_FFMPEG", "/nonexistent/ffmpeg")
    ffmpeg.ffmpeg_path.cache_clear()
    try:
        assert code_of(wav) == "decoder_crashed"
    finally:
        ffmpeg.ffmpeg_path.cache_clear()
