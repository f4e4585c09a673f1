"""The clips that models are compared on: one label each, known by their sound alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from timbre.errors import TimbreError
from timbre.features.clip_pool import certain, main_leaf
from timbre.features.material import Material
from timbre.models.clip_windows import windows_of_clip


@dataclass(frozen=True)
class LabelledClips:
    """Windows of clips with one label each; what a model may see of a clip is `log_mel` alone.

    Attributes
    ----------
    log_mel
        `(n_windows, n_mels, n_frames)` in dB.
    clip
        `(n_windows,)`: the number of each window's clip.
    label
        `(n_clips,)`: place in `labels`.
    group
        `(n_clips,)`: what must stay together.
    left_out
        Labels whose clips are all of one group: who never heard the group never heard the label.
    """

    labels: tuple[str, ...]
    log_mel: NDArray[np.float16]
    clip: NDArray[np.int64]
    label: NDArray[np.int64]
    group: NDArray[np.str_]
    left_out: tuple[str, ...] = ()

    def windows_of(self, clips: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of the windows of these clips."""
        return np.flatnonzero(np.isin(self.clip, clips))


def labelled_clips(index: pd.DataFrame, decoded: Path, labels: Sequence[str] = ()) -> LabelledClips:
    """The clips of a decoded index with one known instrument, its narrowest leaf being the label.

    Parameters
    ----------
    labels
        Only clips of these; none: of all leaves that occur.

    Raises
    ------
    TimbreError
        When fewer than two labels are left.
    """
    rows = index[certain(index)]
    leaf = pd.Series([main_leaf(list(present)) for present in rows["present"]], rows.index, dtype=str)
    wanted = leaf.isin(labels) if labels else leaf != ""
    n_groups = rows["group"][wanted].groupby(leaf[wanted]).nunique()
    left_out = tuple(n_groups.index[n_groups == 1])
    wanted &= ~leaf.isin(left_out)
    rows, leaf = rows[wanted].reset_index(drop=True), leaf[wanted]
    found = tuple(sorted(set(leaf)))
    if len(found) < 2:
        raise TimbreError(
            "bad_table",
            f"There are clips of several groups of {len(found)} of these labels, too few to compare.",
            "Name others with --labels, or other data sets; groups are named when a folder is added.",
        )
    material = Material(rows, decoded)
    windows = [windows_of_clip(material, row) for row in tqdm(range(len(rows)), "log-mel")]
    return LabelledClips(
        labels=found,
        log_mel=np.concatenate(windows),
        clip=np.repeat(np.arange(len(rows)), [len(some) for some in windows]),
        label=np.array([found.index(one) for one in leaf]),
        group=rows["group"].to_numpy(dtype=np.str_),
        left_out=left_out,
    )
