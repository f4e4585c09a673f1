"""All clips of the table decoded once: 16-bit mono at the front end's rate, in shards of 15 minutes.

Mixing draws a few short pieces for each of tens of thousands of mixes; from a shard a piece costs
nothing but its bytes. Every clip is trimmed and brought to one peak, so that 16 bits suffice for
quiet ones too. A clip is known by the digest of its file: what was decoded once is never decoded
again, and new clips come in new shards beside the old ones.
"""

import hashlib
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
import pandas as pd
import soxr
from numpy.typing import NDArray
from tqdm import tqdm

from timbre.audio.front_end import FRONT_END
from timbre.data.lock import locked
from timbre.data.parallel import spread
from timbre.data.waveform import read_waveform
from timbre.errors import TimbreError
from timbre.features.bands import BAND_NAMES, band_density_db
from timbre.features.pitch import NO_PITCH, note_pitch
from timbre.files import atomic, file_sha256

LEFT_OUT_FILE = "left_out.csv"
MAX_CLIP_S = 30.0
SHARD_S = 900.0  # of sound: 58 MB
TRIM_DB = -50.0  # below the peak: silence before and after
PEAK = 0.9
ACTIVE_DB = -30.0  # below the loudest 10 ms: what does not count as sounding
SILENT, UNREADABLE, CHANGED = "silent", "unreadable", "changed since the table was made"
BAND_COLUMNS = [f"band_{name}" for name in BAND_NAMES]
# Of a decoded clip; offset and length in samples, pitch as in `timbre.features.pitch`.
FACTS = ["shard", "offset", "length", "pitch", *BAND_COLUMNS]
_BLOCK = 320  # samples: 10 ms
_FULL_SCALE = 32_768.0
_SAMPLE_BYTES = 2


def decode_clip(path: Path) -> NDArray[np.int16]:
    """A recording as mono at the front end's rate, trimmed, its peak at `PEAK`; empty if silent.

    Raises
    ------
    TimbreError
        When the file cannot be read as audio.
    """
    mono, rate_hz = read_waveform(path, MAX_CLIP_S)
    if rate_hz != FRONT_END.sample_rate_hz:
        mono = soxr.resample(mono, rate_hz, FRONT_END.sample_rate_hz)
    mono = trimmed(mono)
    if len(mono) == 0:
        return np.empty(0, dtype=np.int16)
    return np.round(mono * (PEAK / np.abs(mono).max()) * (_FULL_SCALE - 1)).astype(np.int16)


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
    return float(np.sqrt(power[power >= power.max() * 10 ** (ACTIVE_DB / 10)].mean()))


def decode_table(table: pd.DataFrame, folder: Path, *, scheduler: str | None = None) -> pd.DataFrame:
    """Decode what `folder` does not hold yet; what cannot be used is left out and listed there.

    Returns
    -------
    index
        The table with the columns `FACTS`, bands in dB per Hz, without the clips that are silent,
        unreadable or another recording than when the table was made (`LEFT_OUT_FILE` names them).
    """
    problems = _decode_missing(table, folder, scheduler)
    index = with_facts(table, folder)
    _write_left_out(table, index, problems, folder)
    return index


def _decode_missing(table: pd.DataFrame, folder: Path, scheduler: str | None) -> dict[str, str]:
    """Decode what is not there yet, one process at a time; problems by digest."""
    problems: dict[str, str] = {}
    if _missing(table, folder).empty:
        return problems
    with locked(folder):
        tasks = _tasks(_missing(table, folder), folder)
        results = spread(_decode_shard, tasks, scheduler=scheduler, tasks_worth_a_process=1)
        with tqdm(desc="decoding", total=sum(len(task.clips) for task in tasks)) as progress:
            for task, found in zip(tasks, results, strict=True):
                problems |= found
                progress.update(len(task.clips))
        _sweep(folder)
    return problems


def _missing(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """A row of the table for every file that `folder` does not hold."""
    wanted = table.drop_duplicates("sha256")
    return wanted[~wanted["sha256"].isin(_decoded(folder)["sha256"])]


def with_facts(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """The rows of a table whose clips `folder` holds and that are not silent, with the columns `FACTS`."""
    facts = _decoded(folder)
    facts = facts[facts["length"] > 0].set_index("sha256")[FACTS]
    plain = table.drop(columns=FACTS, errors="ignore")
    return plain.join(facts, on="sha256", how="inner").reset_index(drop=True)


def _decoded(folder: Path) -> pd.DataFrame:
    """Digest and facts of every clip in the shards; a silent one has length 0.

    A shard without one of the facts (an earlier version), or without all samples, counts as not there.
    """
    paths = sorted(folder.glob("clips_*.parquet"))
    parts = [pd.read_parquet(path).assign(shard=path.stem) for path in paths]
    parts = [part for part, path in zip(parts, paths, strict=True) if _is_whole(part, path)]
    empty = pd.DataFrame({column: [] for column in ["sha256", *FACTS]})
    return pd.concat(parts).drop_duplicates("sha256") if parts else empty


def _is_whole(facts: pd.DataFrame, path: Path) -> bool:
    samples = path.with_suffix(".i16")
    if not set(FACTS) <= set(facts.columns) or not samples.exists():
        return False
    return samples.stat().st_size == int(facts["length"].sum()) * _SAMPLE_BYTES


def _sweep(folder: Path) -> None:
    """Remove what an interrupted run left: temporary files, and samples of which nobody knows the clips."""
    for path in [*folder.glob("clips_*.i16"), *folder.glob(".clips_*")]:
        if not path.with_suffix(".parquet").exists():
            path.unlink()


def _write_left_out(table: pd.DataFrame, index: pd.DataFrame, problems: dict[str, str], folder: Path) -> None:
    rows = table[~table["clip_id"].isin(index["clip_id"])][["clip_id", "path", "sha256"]]
    with atomic(folder / LEFT_OUT_FILE) as temporary:
        rows.assign(problem=[problems.get(sha256, SILENT) for sha256 in rows["sha256"]]).to_csv(
            temporary, index=False
        )


@dataclass(frozen=True)
class _DecodeTask:
    """One shard to make: path and digest of its clips."""

    folder: Path
    clips: tuple[tuple[Path, str], ...]

    @property
    def name(self) -> str:
        """The same for the same clips."""
        digests = "".join(sha256 for _, sha256 in self.clips)
        return f"clips_{hashlib.sha256(digests.encode()).hexdigest()[:16]}"


def _tasks(rows: pd.DataFrame, folder: Path) -> list[_DecodeTask]:
    """Shards of about `SHARD_S` of sound each."""
    paths = [(Path(root) / path).resolve() for root, path in zip(rows["root"], rows["path"], strict=True)]
    numbers = np.cumsum(rows["duration_s"].clip(upper=MAX_CLIP_S).to_numpy()) // SHARD_S
    numbered = zip(numbers, paths, rows["sha256"], strict=True)
    shards = [list(clips) for _, clips in groupby(numbered, key=itemgetter(0))]
    return [_DecodeTask(folder.resolve(), tuple((path, sha) for _, path, sha in clips)) for clips in shards]


def _decode_shard(task: _DecodeTask) -> dict[str, str]:
    """Write one shard, first the samples, then the facts; returns the problems by digest."""
    facts, problems, offset = [], {}, 0
    with atomic(task.folder / f"{task.name}.i16") as temporary, temporary.open("wb") as file:
        for path, sha256 in task.clips:
            samples = _checked_clip(path, sha256)
            if isinstance(samples, str):
                problems[sha256] = samples
                continue
            file.write(samples.tobytes())
            facts.append((sha256, offset, len(samples), *_heard(samples)))
            offset += len(samples)
    if facts:
        columns = ["sha256", *FACTS[1:]]
        with atomic(task.folder / f"{task.name}.parquet") as temporary:
            pd.DataFrame(facts, columns=columns).to_parquet(temporary, index=False)
    return problems


def _checked_clip(path: Path, sha256: str) -> NDArray[np.int16] | str:
    """The decoded clip, or what is wrong with its file."""
    try:
        if file_sha256(path) != sha256:
            return CHANGED
        return decode_clip(path)
    except (OSError, TimbreError):
        return UNREADABLE


def _heard(samples: NDArray[np.int16]) -> list[float]:
    """Pitch and bands of a clip."""
    if len(samples) == 0:
        return [NO_PITCH] + [0.0] * len(BAND_NAMES)
    waveform = samples.astype(np.float32) / np.float32(_FULL_SCALE)
    return [note_pitch(waveform), *band_density_db(waveform, FRONT_END.sample_rate_hz).tolist()]


class Material:
    """The decoded clips: `waveform(row)` gives any of them, or a part of it, as float32."""

    def __init__(self, index: pd.DataFrame, folder: Path):
        self.index = index.reset_index(drop=True)
        self.length = self.index["length"].to_numpy(dtype=np.int64)
        self._offset = self.index["offset"].to_numpy(dtype=np.int64)
        self._path = [folder / f"{shard}.i16" for shard in self.index["shard"]]

    def waveform(self, row: int, start: int = 0, n_samples: int | None = None) -> NDArray[np.float32]:
        """Samples of clip `row` from `start`, at most `n_samples`, `(n,)` within [-1, 1].

        Read, not mapped: pages of mapped files would count as this process's memory.
        """
        left = int(self.length[row]) - start
        n = left if n_samples is None else min(left, n_samples)
        place = (int(self._offset[row]) + start) * _SAMPLE_BYTES
        samples = np.fromfile(self._path[row], np.int16, n, offset=place)
        return samples.astype(np.float32) / np.float32(_FULL_SCALE)
