"""Windows of the table's clips themselves, without mixing: cut as the service cuts a recording.

They lie on disk like those of mixes (`timbre.features.windows`), so that the same code trains on them.
All windows of a clip have its labels; which of them a label of a long recording is heard in, nobody says.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from timbre.audio.front_end import FRONT_END
from timbre.audio.segments import SEGMENT_S, Segmenter
from timbre.data.lock import locked
from timbre.data.parallel import spread
from timbre.data.table import SPLITS
from timbre.features.material import Material
from timbre.features.mix_audio import CONTEXT_S
from timbre.features.mix_truth import multi_hot
from timbre.features.windows import LABELS_FILE, RENDERED_FILE, windows_digest
from timbre.files import atomic, write_json
from timbre.taxonomy import INSTRUMENTS

CLIPS_DIR = "clips"  # beside the splits of the mixes
WINDOWS_PER_CLIP = 5  # spread over the clip
CLIPS_PER_SHARD = 256
_KINDS = ("targets", "known", "any_of", "log_mel")  # the log-mel last: it says that the shard is whole
_CUTTING = 1  # another number wherever the same clip would become other windows
_FACTS = ["sha256", "shard", "offset", "length"]  # of a clip, for the worker that cuts it
_SEGMENT_SAMPLES = SEGMENT_S * FRONT_END.sample_rate_hz


def clip_labels(index: pd.DataFrame) -> tuple[str, ...]:
    """The leaves that sound in the training split, or may be what sounds there, in the ontology's order."""
    rows = index[index["split"] == "train"]
    named = {leaf for present in rows["present"] for leaf in present}
    named |= {leaf for any_of in rows["any_of"] for group in any_of for leaf in group.split("|")}
    return tuple(one.id for one in INSTRUMENTS if one.id in named)


@dataclass(frozen=True)
class ToldClips:
    """Rows of a table of which something is known, and what that is.

    Attributes
    ----------
    targets, known, any_of
        As of `timbre.features.windows.Windows`, a row a clip.
    """

    rows: pd.DataFrame
    targets: NDArray[np.uint8]
    known: NDArray[np.uint8]
    any_of: NDArray[np.uint8]

    def __getitem__(self, part: slice) -> "ToldClips":
        return ToldClips(self.rows.iloc[part], self.targets[part], self.known[part], self.any_of[part])


def told_clips(rows: pd.DataFrame, labels: tuple[str, ...]) -> ToldClips:
    """The rows of which something is known, as far as these labels can say it."""
    present = multi_hot(rows["present"], labels)
    known = present | multi_hot(rows["absent"], labels)
    any_of = _groups(rows["any_of"], labels)
    told = known.any(axis=1) | any_of.any(axis=(1, 2))
    arrays = (array[told].astype(np.uint8) for array in (present, known, any_of))
    return ToldClips(rows[told].reset_index(drop=True), *arrays)


def _groups(any_of: pd.Series, labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """`(n_rows, n_groups, n_labels)`; a group that holds a leaf beyond the labels says nothing of these."""
    column = {label: number for number, label in enumerate(labels)}
    leaves = [[group.split("|") for group in groups] for groups in any_of]
    usable = [[group for group in groups if {*group} <= column.keys()] for groups in leaves]
    out = np.zeros((len(usable), max(map(len, usable), default=0), len(labels)), bool)
    for row, groups in enumerate(usable):
        for place, group in enumerate(groups):
            out[row, place, [column[leaf] for leaf in group]] = True
    return out


def n_windows_of(length: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many windows clips of so many samples have."""
    return np.minimum(WINDOWS_PER_CLIP, -(-length // _SEGMENT_SAMPLES))


def windows_of_clip(material: Material, row: int) -> NDArray[np.float16]:
    """Log-mel `(n, n_mels, n_frames)` of segments spread over the clip, in dB."""
    segmenter = Segmenter(CONTEXT_S)
    segments = [*segmenter.push(material.waveform(row)), *segmenter.finish()]
    n = int(n_windows_of(material.length[row : row + 1])[0])
    chosen = np.linspace(0, len(segments) - 1, n).round().astype(int)
    return np.stack([segments[number].window for number in chosen]).astype(np.float16)


def render_clips(index: pd.DataFrame, decoded: Path, labels: tuple[str, ...], windows_dir: Path) -> None:
    """Windows of every split of a decoded table below `windows_dir`; shards that are there are kept.

    Raises
    ------
    TimbreError
        When there is something to do and another process does it.
    """
    for split in SPLITS:
        clips = told_clips(index[index["split"] == split], labels)
        if not _is_whole(clips, labels, windows_dir / split):
            with locked(windows_dir / split):
                _render_split(clips, decoded, labels, windows_dir / split)


@dataclass(frozen=True)
class _ShardTask:
    """One shard to make."""

    folder: Path
    decoded: Path
    number: int
    clips: ToldClips


def _starts(clips: ToldClips) -> range:
    """The first clip of every shard."""
    return range(0, len(clips.rows), CLIPS_PER_SHARD)


def _is_whole(clips: ToldClips, labels: tuple[str, ...], folder: Path) -> bool:
    shards = (_path(folder, "log_mel", number) for number in range(len(_starts(clips))))
    return windows_digest(folder) == _digest(clips, labels) and all(path.exists() for path in shards)


def _render_split(clips: ToldClips, decoded: Path, labels: tuple[str, ...], folder: Path) -> None:
    _begin(clips, labels, folder)
    clips = replace(clips, rows=clips.rows[_FACTS])
    tasks = [
        _ShardTask(folder, decoded, number, clips[start : start + CLIPS_PER_SHARD])
        for number, start in enumerate(_starts(clips))
    ]
    missing = [task for task in tasks if not _path(folder, "log_mel", task.number).exists()]
    done = spread(_render_shard, missing, tasks_worth_a_process=1)
    for _ in tqdm(done, f"cutting {folder.name}", len(tasks), initial=len(tasks) - len(missing)):
        pass


def _begin(clips: ToldClips, labels: tuple[str, ...], folder: Path) -> None:
    """Remove shards of other clips, and say of which clips the coming ones are."""
    digest = _digest(clips, labels)
    if windows_digest(folder) != digest:
        for kind in _KINDS[::-1]:
            for shard in folder.glob(f"{kind}_*.npy"):
                shard.unlink()
    n_windows = int(n_windows_of(clips.rows["length"].to_numpy(np.int64)).sum())
    write_json(folder / LABELS_FILE, labels)
    write_json(folder / RENDERED_FILE, {"digest": digest, "windows": n_windows})


def _digest(clips: ToldClips, labels: tuple[str, ...]) -> str:
    """Of all that the windows are made of."""
    facts = [_CUTTING, WINDOWS_PER_CLIP, labels, clips.rows["sha256"].tolist()]
    digest = hashlib.sha256(json.dumps(facts).encode())
    digest.update(clips.targets.tobytes() + clips.known.tobytes() + clips.any_of.tobytes())
    return digest.hexdigest()


def _path(folder: Path, kind: str, number: int) -> Path:
    return folder / f"{kind}_{number:05d}.npy"


def _render_shard(task: _ShardTask) -> None:
    clips = task.clips
    # One thread: with another number of them a matrix product rounds otherwise, and the workers
    # are as many as the cores already.
    with threadpool_limits(1):
        material = Material(clips.rows, task.decoded)
        windows = [windows_of_clip(material, row) for row in range(len(clips.rows))]
    counts = [len(some) for some in windows]
    told = (np.repeat(array, counts, axis=0) for array in (clips.targets, clips.known, clips.any_of))
    for kind, array in zip(_KINDS, (*told, np.concatenate(windows)), strict=True):
        with atomic(_path(task.folder, kind, task.number)) as temporary:
            np.save(temporary, np.asarray(array))
