"""The transcode that is played: as long as what was tagged, and gone with the server that asked for it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
from live_server import until

from timbre.app.playback import transcode
from timbre.audio.decode import DecodeLimits, Decoder
from timbre.audio.ffmpeg import ffmpeg_path
from timbre.errors import TimbreError

ENDS_S = 10.0  # a machine that does much else; alone it takes milliseconds


@pytest.mark.parametrize(
    ("name", "options"), [("vbr.mp3", "-q:a 4"), ("song.ogg", "-c:a libvorbis"), ("alac.m4a", "-c:a alac")]
)
def test_it_is_as_long_as_what_was_tagged(name, options, wav, encode, tmp_path):
    song, target = encode(wav, name, options), tmp_path / "playback.flac"
    decoder = Decoder(song)
    for _ in decoder:
        pass
    transcode(song, target, decoder.duration_s, DecodeLimits(), lambda _: None)
    assert soundfile.info(target).duration == pytest.approx(decoder.duration_s, abs=1e-3)
    assert list(tmp_path.iterdir()) == [target]


def test_what_cannot_be_transcoded_leaves_nothing(bad_files, tmp_path):
    with pytest.raises(TimbreError):
        transcode(bad_files["random"], tmp_path / "playback.flac", 7.0, DecodeLimits(), lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_what_ffmpeg_says_late_counts(run_server, wav, tmp_path):
    """A busy machine may hand over its samples long before its words on the codec."""
    late = tmp_path / "ffmpeg"
    late.write_text(f"""#!/bin/sh
        {{ {ffmpeg_path()} "$@" 2>&1 >&3 | {{ exec 3>&-; sleep 1; cat >&2; }} }} 3>&1""")
    late.chmod(0o755)
    with run_server(TIMBRE_FFMPEG=late) as server:
        song = server.wait(server.upload(wav))
        assert song["playback"]["exact"]
        assert server.get(song["playback"]["url"]).content == wav.read_bytes()


def test_it_does_not_outlive_a_server_that_is_killed(wav, encode, tmp_path):
    long = encode(wav, "long.wav", "-af aloop=loop=-1:size=300000 -t 1800 -ac 1 -ar 16000")
    program = (
        "import sys; from pathlib import Path; from timbre.app.playback import transcode; "
        "from timbre.audio.decode import DecodeLimits; "
        "transcode(*map(Path, sys.argv[1:]), 1800.0, DecodeLimits(), lambda _: None)"
    )
    server = subprocess.Popen([sys.executable, "-c", program, long, tmp_path / "playback.flac"])
    part = until(lambda: next(tmp_path.glob("*.part"), None))
    child = Path("/proc") / Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()[0]
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    until(lambda: not child.exists() or " Z " in (child / "stat").read_text(), ENDS_S)
    assert part.stat().st_size < 1800 * 16_000 / 2  # it was in the middle of its work
