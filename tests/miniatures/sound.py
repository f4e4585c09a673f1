"""Sounds with a timbre for every name, as files of every format that the data sets use.

A tone repeats one period exactly, so an archive of wav files is a hundredth of their size.
"""

import io
import subprocess
from zlib import crc32

import imageio_ffmpeg
import numpy as np
import soundfile as sf
from numpy.typing import NDArray

CD_HZ = 44_100
FADE_S = 0.005
PEAK = 0.5


def tone(timbre: str, duration_s: float, rate_hz: int = CD_HZ, take: int = 0) -> NDArray[np.float64]:
    """A steady tone `(n_samples,)`: the name sets its spectrum, the take its pitch."""
    rng = np.random.default_rng(crc32(timbre.encode()))
    pitch_hz = rng.uniform(110, 330) * 2 ** (take % 12 / 12)
    period = round(rate_hz / pitch_hz)
    harmonics = np.arange(1, min(20, period // 2))
    levels = rng.uniform(0.05, 1, len(harmonics)) / harmonics ** rng.uniform(0.2, 1.5)
    phases = np.outer(harmonics, 2 * np.pi * np.arange(period) / period)
    table = levels @ np.sin(phases + rng.uniform(0, 2 * np.pi, (len(harmonics), 1)))
    samples = np.resize(PEAK * table / np.abs(table).max(), round(duration_s * rate_hz))
    fade = np.linspace(0, 1, round(FADE_S * rate_hz))
    samples[: len(fade)] *= fade
    samples[-len(fade) :] *= fade[::-1]
    return samples


def encoded(samples: NDArray[np.float64], rate_hz: int, file_format: str) -> bytes:
    """The bytes of a file: `WAV` (16 bit), `FLAC`, `MP3` or `OGG` (Vorbis)."""
    file = io.BytesIO()
    subtype = {"WAV": "PCM_16", "FLAC": "PCM_16", "MP3": "MPEG_LAYER_III", "OGG": "VORBIS"}[file_format]
    sf.write(file, samples, rate_hz, format=file_format, subtype=subtype)
    return file.getvalue()


def wav(timbre: str, duration_s: float, rate_hz: int = CD_HZ, take: int = 0, stereo: bool = False) -> bytes:
    """A tone as a wav file; in stereo the right channel is quieter."""
    samples = tone(timbre, duration_s, rate_hz, take)
    return encoded(np.stack([samples, 0.7 * samples], 1) if stereo else samples, rate_hz, "WAV")


def mp3(timbre: str, duration_s: float, take: int = 0) -> bytes:
    """A tone as a mono mp3 file."""
    return encoded(tone(timbre, duration_s, take=take), CD_HZ, "MP3")


def m4a(timbre: str, duration_s: float) -> bytes:
    """A tone as AAC in an mp4, its index in front."""
    fragmented = ("-movflags", "frag_keyframe+empty_moov", "-f", "mp4")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", "-", "-c:a", "aac", *fragmented, "-"]
    done = subprocess.run(command, input=wav(timbre, duration_s), capture_output=True, check=True)
    return done.stdout
