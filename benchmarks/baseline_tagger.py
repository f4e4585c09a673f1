"""Tagging as an earlier system did it, to compare with: the same song, the same network, another way.

pydub decodes the whole file and writes every segment as a wav file; librosa loads each and makes its mel
spectrogram; matplotlib's colour table makes a PNG file of it; torch is called once a segment. Front end,
size of the network and number of threads are Timbre's own, so that only the way differs. What the earlier
system did besides, and does not count here: drawing with pyplot, base64, one worker process a song.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import librosa
import numpy as np
import torch
from matplotlib.image import imsave
from numpy.typing import NDArray
from pydub import AudioSegment

from timbre.audio.front_end import FRONT_END
from timbre.models.network import CompactCnn, NetworkConfig

Probabilities = NDArray[np.float32]


class BaselineTagger:
    """A network of the given size, its weights random: they do not change the time it takes.

    Parameters
    ----------
    segment_s
        Length of a segment; each is decoded, pictured and judged by itself.
    """

    def __init__(self, n_labels: int, config: NetworkConfig, segment_s: float):
        self.segment_s = segment_s
        self._network = CompactCnn(n_labels, replace(config, segment_share=1 / segment_s)).eval()

    def tag(self, song: Path) -> Iterator[tuple[Probabilities, bytes]]:
        """Probabilities `(n_labels,)` and PNG of every segment."""
        with tempfile.TemporaryDirectory() as folder:
            for wav in _write_segments(song, Path(folder), self.segment_s):
                log_mel = _load_log_mel(wav)
                yield self._predict(log_mel), _write_picture(log_mel, wav.with_suffix(".png"))

    def tag_waveform(self, waveform: NDArray[np.float32]) -> list[Probabilities]:
        """Probabilities of every segment of what is decoded already, without files and pictures."""
        n = round(self.segment_s * FRONT_END.sample_rate_hz)
        padded = np.pad(waveform, (0, -len(waveform) % n))
        return [self._predict(_log_mel(padded[i : i + n])) for i in range(0, len(padded), n)]

    def _predict(self, log_mel: NDArray[np.float32]) -> Probabilities:
        with torch.no_grad():
            logits = self._network(torch.from_numpy(log_mel[np.newaxis]))
            return np.asarray(torch.sigmoid(logits)[0])


def _write_segments(song: Path, folder: Path, segment_s: float) -> list[Path]:
    whole = AudioSegment.from_file(song)
    step_ms = round(1000 * segment_s)
    paths = []
    for start_ms in range(0, len(whole), step_ms):
        paths.append(folder / f"{start_ms:08d}.wav")
        whole[start_ms : start_ms + step_ms].export(paths[-1], format="wav")
    return paths


def _load_log_mel(wav: Path) -> NDArray[np.float32]:
    return _log_mel(librosa.load(wav, sr=FRONT_END.sample_rate_hz)[0])


def _log_mel(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    mel = librosa.feature.melspectrogram(
        y=waveform,
        sr=FRONT_END.sample_rate_hz,
        n_fft=FRONT_END.n_fft,
        hop_length=FRONT_END.hop_length,
        n_mels=FRONT_END.n_mels,
    )
    return np.asarray(librosa.power_to_db(mel), dtype=np.float32)


def _write_picture(log_mel: NDArray[np.float32], path: Path) -> bytes:
    imsave(path, log_mel, cmap="magma", origin="lower")
    return path.read_bytes()
