"""Any recording as mono samples, piece by piece: by soundfile where it can, else by ffmpeg (m4a, webm)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from timbre.audio.decode import Decoder
from timbre.audio.front_end import FRONT_END
from timbre.errors import TimbreError

Samples = NDArray[np.float32]

_BLOCK_SAMPLES = 1 << 18


@dataclass(frozen=True)
class Measure:
    """What decoding all of a recording told; `peak` of the mono sound, 1.0 is full scale."""

    duration_s: float
    peak: float


def read_waveform(path: Path, longest_s: float | None = None) -> tuple[Samples, int]:
    """Mono samples `(n_samples,)` and their rate in Hz, at most the first `longest_s` seconds.

    The rate is the recording's own; what soundfile cannot read comes at the front end's.

    Raises
    ------
    TimbreError
        As `pieces`.
    """
    parts, n_samples, rate_hz = [np.empty(0, np.float32)], 0, FRONT_END.sample_rate_hz
    for piece, rate_hz in pieces(path):
        parts.append(piece)
        n_samples += len(piece)
        if longest_s is not None and n_samples >= longest_s * rate_hz:
            break
    waveform = np.concatenate(parts)
    return waveform if longest_s is None else waveform[: int(longest_s * rate_hz)], rate_hz


def measure(path: Path) -> Measure:
    """Length and peak of what really decodes, whatever the header says.

    Raises
    ------
    TimbreError
        As `pieces`.
    """
    duration_s, peak = 0.0, 0.0
    for piece, rate_hz in pieces(path):
        duration_s += len(piece) / rate_hz
        peak = max(peak, float(np.abs(piece).max(initial=0.0)))
    return Measure(duration_s, peak)


def pieces(path: Path) -> Iterator[tuple[Samples, int]]:
    """Mono samples in pieces of any length, each with the rate in Hz.

    Raises
    ------
    TimbreError
        While iterating: `file_unreadable` or what `timbre.audio.decode.Decoder` raises.
    """
    try:
        file = sf.SoundFile(path)
    except (OSError, sf.LibsndfileError):
        yield from ((piece, FRONT_END.sample_rate_hz) for piece in Decoder(path))
        return
    with file:
        try:
            for block in file.blocks(_BLOCK_SAMPLES, dtype="float32", always_2d=True):
                yield np.nan_to_num(block.mean(axis=1)), file.samplerate
        except sf.LibsndfileError:
            raise TimbreError("file_unreadable", f"{path.name} stops making sense in the middle.") from None
