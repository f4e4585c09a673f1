"""Waveform to a file."""

from pathlib import Path

import numpy as np

from timbre.audio.ffmpeg import Child, ChildLimits
from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import Waveform
from timbre.errors import TimbreError

_READ_BYTES = 1 << 12
_HEADER_BYTES = 1 << 16


def write_flac(waveform: Waveform, path: Path, limits: ChildLimits) -> None:
    """Write mono 16-bit FLAC at the front end's sample rate; in a folder that is there.

    Raises
    ------
    TimbreError
        `decoder_crashed`; then the file may be half there.
    """
    arguments = ["-f", "f32le", "-ar", str(FRONT_END.sample_rate_hz), "-ac", "1", "-i", "pipe:0"]
    arguments += ["-map_metadata", "-1", "-sample_fmt", "s16", "-f", "flac", "-y", f"file:{path}"]
    samples = np.ascontiguousarray(waveform, dtype="<f4").tobytes()
    # Flac of 16 bits is half as large as the samples, and never much larger.
    child = Child(arguments, iter([samples]), limits, file_bytes=len(samples) + _HEADER_BYTES)
    try:
        while child.read(_READ_BYTES):  # it writes the file itself: this waits for its end
            pass
        if child.wait() != 0:
            raise TimbreError("decoder_crashed")
    finally:
        child.release()
