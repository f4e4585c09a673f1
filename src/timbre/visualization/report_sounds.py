"""The sound of a window, made again from the decoded clips, and whose recordings are heard in it."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import soundfile as sf

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import Waveform
from timbre.audio.segments import SEGMENT_S
from timbre.data.table import read_table
from timbre.errors import TimbreError
from timbre.features.manifest import PLANS_FILE, check_clips, plan_starts, read_clips, read_plans
from timbre.features.material import Material, with_facts
from timbre.features.mix_audio import N_SAMPLES, MixRenderer
from timbre.features.windows import Windows
from timbre.models.clip_windows import n_windows_of, told_clips

_PEAK = 0.9


@dataclass(frozen=True)
class Excerpt:
    """Sound `(n_samples,)`, and the recordings in it: clip, data set, licence."""

    waveform: Waveform
    sources: list[tuple[str, str, str]]

    def flac(self) -> bytes:
        """At one peak, in a form that every browser plays."""
        peak = float(np.abs(self.waveform).max(initial=0.0))
        out = io.BytesIO()
        even = self.waveform * (_PEAK / peak) if peak else self.waveform
        sf.write(out, even, FRONT_END.sample_rate_hz, format="FLAC", subtype="PCM_16")
        return out.getvalue()


class Sounds(Protocol):
    """The windows of a split as sound."""

    def excerpt(self, number: int) -> Excerpt:
        """The sound of a window, at most as long as it."""


def open_sounds(folder: Path, table_dir: Path, decoded: Path) -> Sounds:
    """The sounds of the windows in `folder`, of mixes or of clips.

    Raises
    ------
    TimbreError
        When the clips are not there any more, or are others.
    """
    if (folder / PLANS_FILE).exists():
        return _MixSounds(folder, decoded)
    return _ClipSounds(folder, with_facts(read_table(table_dir), decoded), decoded)


class _MixSounds:
    def __init__(self, folder: Path, decoded: Path):
        self._folder, self._starts = folder, plan_starts(folder)
        index = with_facts(read_clips(folder), decoded)
        check_clips(folder, index)
        self._renderer = MixRenderer(Material(index, decoded), Windows(folder).labels)
        self._clips = index.set_index("clip_id", drop=False)

    def excerpt(self, number: int) -> Excerpt:
        plan = next(read_plans(self._folder, self._starts[number], 1))
        waveform, _, _ = self._renderer.waveform(plan)
        return Excerpt(waveform, _sources(self._clips.loc[list(dict.fromkeys(plan.clips))]))


class _ClipSounds:
    """Windows of clips in the order of `timbre.models.clip_windows`."""

    def __init__(self, folder: Path, index: pd.DataFrame, decoded: Path):
        windows = Windows(folder)
        rows = told_clips(index[index["split"] == folder.name], windows.labels).rows
        n_windows = n_windows_of(rows["length"].to_numpy(np.int64))
        if n_windows.sum() != len(windows):
            raise TimbreError("bad_windows", f"The windows in {folder} are not of the clips in the table.")
        self._material = Material(rows, decoded)
        self._n_windows, self._ends = n_windows, np.cumsum(n_windows)

    def excerpt(self, number: int) -> Excerpt:
        clip = int(np.searchsorted(self._ends, number, side="right"))
        n = int(self._n_windows[clip])
        place = number - int(self._ends[clip]) + n
        waveform = self._material.waveform(clip, *_part(int(self._material.length[clip]), place, n))
        return Excerpt(waveform, _sources(self._material.index.iloc[[clip]]))


def _part(length: int, place: int, n: int) -> tuple[int, int]:
    """First sample and number of samples around the `place`-th of `n` segments spread over a clip."""
    segment = SEGMENT_S * FRONT_END.sample_rate_hz
    n_segments = -(-length // segment)
    middle = np.linspace(0, n_segments - 1, n).round().astype(int)[place] * segment + segment // 2
    start = max(0, int(middle) - N_SAMPLES // 2)
    return start, N_SAMPLES


def _sources(rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    columns = (rows[name].astype(str) for name in ("clip_id", "dataset", "license"))
    return list(zip(*columns, strict=True))
