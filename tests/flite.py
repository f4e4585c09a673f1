"""Whether ffmpeg can speak: imageio-ffmpeg's was built without Flite."""

import subprocess

import pytest

from timbre.audio import ffmpeg


def _is_there() -> bool:
    asked = [ffmpeg.ffmpeg_path(), "-h", "filter=flite"]
    return b"Filter flite" in subprocess.run(asked, capture_output=True, check=False).stdout


needs_flite = pytest.mark.skipif(not _is_there(), reason="ffmpeg has no Flite")
