"""What the child may not do, whatever the file makes it do."""

import time
from itertools import repeat
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from timbre.audio import ffmpeg
from timbre.audio.decode import DecodeLimits, Decoder, RawFormat
from timbre.audio.ffmpeg import Child, ChildLimits
from timbre.errors import TimbreError

SECOND = np.zeros(48_000, "<f4").tobytes()
RAW = ["-f", "f32le", "-ar", "48000", "-ac", "1", "-i", "pipe:0"]


@pytest.fixture
def use_ffmpeg(monkeypatch):
    """`use_ffmpeg(path)`: another ffmpeg for the rest of the test."""

    def use(path: Path | str) -> None:
        monkeypatch.setenv("TIMBRE_FFMPEG", str(path))
        ffmpeg.ffmpeg_path.cache_clear()

    yield use
    ffmpeg.ffmpeg_path.cache_clear()


def children() -> list[Path]:
    """Our own child processes, as folders of /proc."""
    lists = [task.read_text() for task in Path("/proc/self/task").glob("*/children")]
    return [Path(f"/proc/{pid}") for pid in " ".join(lists).split()]


def decoder_child() -> Path:
    """Asked again if need be: the kernel's list may be short of one while another thread's child ends."""
    deadline_s = time.monotonic() + 10
    while time.monotonic() < deadline_s:
        for one in children():
            if b"pipe:0" in (one / "cmdline").read_bytes():
                return one
        time.sleep(0.01)
    raise AssertionError("there is no decoder")


def all_of(child: Child) -> tuple[int, bytes]:
    """Its exit status and all its output."""
    try:
        output = b"".join(iter(lambda: child.read(1 << 16), b""))
        return child.wait(), output
    finally:
        child.release()


def test_every_limit_is_in_place_before_it_has_a_byte():
    held = {}

    def source():
        held.update(
            (line[:25].strip(), line.split()[-3:-1] if line.split()[-1].isalpha() else line.split()[-2:])
            for line in (decoder_child() / "limits").read_text().splitlines()
        )
        yield SECOND

    limits = ChildLimits(cpu_s=77, memory_bytes=1 << 30)
    status, output = all_of(Child([*RAW, "-f", "f32le", "pipe:1"], source(), limits))
    assert (status, len(output)) == (0, len(SECOND))
    expected = {
        "Max cpu time": 77,
        "Max address space": 1 << 30,
        "Max file size": 0,
        "Max open files": 16,
        "Max core file size": 0,
    }
    assert {name: held[name] for name in expected} == {name: [str(n)] * 2 for name, n in expected.items()}


@pytest.mark.parametrize("binary", ["system", "bundled"])
def test_nothing_of_ours_is_in_its_environment(binary, use_ffmpeg, monkeypatch, tmp_path):
    if binary == "bundled":
        use_ffmpeg(imageio_ffmpeg.get_ffmpeg_exe())
    monkeypatch.setenv("HF_TOKEN", "a secret")
    monkeypatch.setenv("FFREPORT", f"file={tmp_path / 'report.txt'}")  # ffmpeg would write there
    seen = []

    def source():
        seen.append((decoder_child() / "environ").read_bytes())
        yield SECOND

    status, _ = all_of(Child([*RAW, "-f", "f32le", "pipe:1"], source(), ChildLimits()))
    assert status == 0
    names = {entry.split(b"=")[0].decode() for entry in seen[0].split(b"\0") if entry}
    assert names <= {"PATH", "LD_LIBRARY_PATH"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("file_bytes", "most"), [(0, 0), (40_000, 40_000)])
def test_it_writes_no_larger_file_than_it_may(file_bytes, most, tmp_path):
    path = tmp_path / "out.wav"
    seconds = repeat(SECOND, 60)
    status, _ = all_of(Child([*RAW, "-y", f"file:{path}"], seconds, ChildLimits(), file_bytes))
    assert status != 0
    assert not path.exists() or path.stat().st_size <= most


def test_a_decoder_that_takes_more_memory_than_it_may_is_a_failed_song(wav):
    with pytest.raises(TimbreError) as refused:
        list(Decoder(wav, limits=DecodeLimits(memory_bytes=1 << 22)))
    assert refused.value.http_status < 500


def test_a_decoder_that_works_for_too_long_is_ended_by_the_kernel():
    started_s = time.monotonic()
    with pytest.raises(TimbreError) as refused:
        for _ in Decoder(repeat(SECOND * 10), raw=RawFormat(48_000), limits=DecodeLimits(cpu_s=1)):
            pass
    assert refused.value.code == "decoder_crashed"
    assert time.monotonic() - started_s < 60


def test_a_decoder_that_dribbles_is_ended_though_it_never_stalls(wav, use_ffmpeg, tmp_path):
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\nwhile true; do printf 'abcd'; sleep 0.3; done\n")
    fake.chmod(0o755)
    use_ffmpeg(fake)
    started_s = time.monotonic()
    with pytest.raises(TimbreError) as refused:
        list(Decoder(wav, limits=DecodeLimits(stall_s=60, wall_s=1.0)))
    assert refused.value.code == "decoder_crashed"
    assert time.monotonic() - started_s < 30


def test_its_end_is_waited_for_and_leaves_no_zombie(wav):
    before = set(children())
    decoder = Decoder(wav)
    next(iter(decoder))
    decoder.close()
    assert set(children()) <= before
