"""The song of the benchmarks: the example song, over and over, as one MP3 of four minutes."""

import subprocess
from pathlib import Path

from timbre.audio.ffmpeg import ffmpeg_path
from timbre.paths import STATIC_DIR

DURATION_S = 240
_EXAMPLE = STATIC_DIR / "example" / "song.mp3"
_BIT_RATE = "128k"


def make_song(path: Path, duration_s: float = DURATION_S) -> Path:
    """Write the song to `path` (an .mp3) and return it."""
    command = [ffmpeg_path(), "-v", "error", "-y", "-stream_loop", "-1", "-i", str(_EXAMPLE)]
    command += ["-t", str(duration_s), "-codec:a", "libmp3lame", "-b:a", _BIT_RATE, str(path)]
    subprocess.run(command, check=True)
    return path
