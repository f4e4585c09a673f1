"""All clips of the table decoded once: 16-bit mono at the front end's rate in one mapped file.

Mixing draws a few short pieces for each of tens of thousands of mixes; from a mapped file a piece
costs nothing but its bytes. Every clip is trimmed and brought to one peak, so that 16 bits suffice
for quiet ones too.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import soundfile as sf
import soxr
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from timbre.audio.front_end import FRONT_END
from timbre.data.parallel import n_jobs
from timbre.features.bands import BAND_NAMES, band_density_db
from timbre.files import atomic

SAMPLES_FILE, INDEX_FILE = "samples.i16", "index.parquet"
MAX_CLIP_S = 30.0
TRIM_DB = -50.0  # below the peak: silence before and after
PEAK = 0.9
_BLOCK = 320  # samples: 10 ms
_BATCH = 256  # clips decoded before they are written


def decode_clip(path: Path) -> NDArray[np.int16]:
    """A recording as mono at the front end's rate, trimmed, its peak at `PEAK`; empty if silent."""
    samples, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)[: int(MAX_CLIP_S * rate_hz)]
    if rate_hz != FRONT_END.sample_rate_hz:
        mono = soxr.resample(mono, rate_hz, FRONT_END.sample_rate_hz)
    mono = trimmed(mono)
    if len(mono) == 0:
        return np.empty(0, dtype=np.int16)
    return np.round(mono * (PEAK / np.abs(mono).max()) * 32_767.0).astype(np.int16)


def trimmed(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without what is silent at either end, to 10 ms."""
    n_blocks = -(-len(waveform) // _BLOCK)
    blocks = np.pad(waveform, (0, n_blocks * _BLOCK - len(waveform))).reshape(n_blocks, _BLOCK)
    peaks = np.abs(blocks).max(axis=1, initial=0.0)
    loud = np.flatnonzero(peaks > peaks.max(initial=0.0) * 10 ** (TRIM_DB / 20))
    return waveform[loud[0] * _BLOCK : (loud[-1] + 1) * _BLOCK] if len(loud) else waveform[:0]


def active_rms(waveform: NDArray[np.float32]) -> float:
    """Root mean square over the blocks within 30 dB of the loudest: the level of what sounds."""
    if len(waveform) < _BLOCK:
        return float(np.sqrt(np.mean(waveform**2))) if len(waveform) else 0.0
    power = (waveform[: len(waveform) // _BLOCK * _BLOCK].reshape(-1, _BLOCK) ** 2).mean(axis=1)
    return float(np.sqrt(power[power >= power.max() * 1e-3].mean()))


def decode_table(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Decode every clip of the table into `folder`; does nothing if it holds just these clips.

    Returns
    -------
    index
        The table with `offset` and `length` in samples and one `band_...` column a band, in dB per
        Hz; silent clips are left out.
    """
    index_path = folder / INDEX_FILE
    if index_path.exists():
        index = pd.read_parquet(index_path)
        if set(index["sha256"]) | set(_silent(folder)) >= set(table["sha256"]):
            facts = index.drop_duplicates("sha256").set_index("sha256")[_FACTS]
            return table.join(facts, on="sha256", how="inner").reset_index(drop=True)
    index = _decode_all(table, folder)
    with atomic(index_path) as temporary:
        index.to_parquet(temporary, index=False)
    return index


_FACTS = ["offset", "length", *(f"band_{name}" for name in BAND_NAMES)]


def _silent(folder: Path) -> list[str]:
    path = folder / "silent.csv"
    return list(pd.read_csv(path)["sha256"]) if path.exists() else []


def _decode_all(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    paths = [Path(root) / path for root, path in zip(table["root"], table["path"], strict=True)]
    facts, offset = [], 0
    with atomic(folder / SAMPLES_FILE) as temporary, temporary.open("wb") as file:
        results = Parallel(n_jobs(len(paths)), return_as="generator", batch_size=_BATCH)(
            delayed(_decoded_facts)(path) for path in paths
        )
        for samples, profile in tqdm(results, "decoding", total=len(paths)):
            file.write(samples.tobytes())
            facts.append((offset, len(samples), *profile))
            offset += len(samples)
    index = pd.concat([table.reset_index(drop=True), pd.DataFrame(facts, columns=_FACTS)], axis=1)
    silent = index[index["length"] == 0]
    with atomic(folder / "silent.csv") as temporary:
        silent[["clip_id", "sha256"]].to_csv(temporary, index=False)
    return index[index["length"] > 0].reset_index(drop=True)


def _decoded_facts(path: Path) -> tuple[NDArray[np.int16], list[float]]:
    samples = decode_clip(path)
    if len(samples) == 0:
        return samples, [0.0] * len(BAND_NAMES)
    density = band_density_db(samples.astype(np.float32) / 32_768.0, FRONT_END.sample_rate_hz)
    return samples, [float(value) for value in density]


class Material:
    """The decoded clips: `waveform(row)` gives any of them, or a part of it, as float32."""

    def __init__(self, index: pd.DataFrame, folder: Path):
        self.index = index.reset_index(drop=True)
        self._samples = np.memmap(folder / SAMPLES_FILE, dtype=np.int16, mode="r")
        self.offset = self.index["offset"].to_numpy(dtype=np.int64)
        self.length = self.index["length"].to_numpy(dtype=np.int64)
        self.profile = self.index[[f"band_{name}" for name in BAND_NAMES]].to_numpy(dtype=np.float32)

    def waveform(self, row: int, start: int = 0, n_samples: int | None = None) -> NDArray[np.float32]:
        """Samples of clip `row` from `start`, at most `n_samples`, `(n,)` within [-1, 1]."""
        end = self.length[row] if n_samples is None else min(self.length[row], start + n_samples)
        first = self.offset[row]
        return self._samples[first + start : first + end].astype(np.float32) / 32_768.0
