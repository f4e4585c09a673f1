"""Windows of the table's clips themselves, without mixing: cut as the service cuts a recording.

They lie on disk like those of mixes (`timbre.features.windows`), so that the same code trains on them.
All windows of a clip have its labels; which of them a label of a long recording is heard in, nobody says.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from timbre.audio.front_end import FRONT_END
from timbre.audio.segments import SEGMENT_S, Segmenter
from timbre.data.parallel import spread
from timbre.data.table import SPLITS
from timbre.features.material import Material
from timbre.features.mix_audio import CONTEXT_S
from timbre.features.mix_truth import multi_hot
from timbre.features.windows import LABELS_FILE, RENDERED_FILE
from timbre.files import atomic, write_json
from timbre.taxonomy import INSTRUMENTS

CLIPS_DIR = "clips"  # beside the splits of the mixes
WINDOWS_PER_CLIP = 5  # spread over the clip
CLIPS_PER_SHARD = 256
_KINDS = ("targets", "known", "log_mel")  # the log-mel last: it says that the shard is whole
_CUTTING = 1  # another number wherever the same clip would become other windows
_FACTS = ["sha256", "shard", "offset", "length"]
_SEGMENT_SAMPLES = SEGMENT_S * FRONT_END.sample_rate_hz


def clip_labels(index: pd.DataFrame) -> tuple[str, ...]:
    """The leaves that sound in the training split, in the order of the ontology."""
    rows = index[index["split"] == "train"]
    sounding = {leaf for present in rows["present"] for leaf in present}
    return tuple(one.id for one in INSTRUMENTS if one.id in sounding)


def told_clips(
    rows: pd.DataFrame, labels: tuple[str, ...]
) -> tuple[pd.DataFrame, NDArray[np.uint8], NDArray[np.uint8]]:
    """The rows of which something is known, with their targets and known labels, `(n, n_labels)`."""
    present = multi_hot(rows["present"], labels)
    known = present | multi_hot(rows["absent"], labels)
    told = known.any(axis=1)
    return rows[told].reset_index(drop=True), present[told].astype(np.uint8), known[told].astype(np.uint8)


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
    """Windows of every split of a decoded table below `windows_dir`; shards that are there are kept."""
    for split in SPLITS:
        _render_split(index[index["split"] == split], decoded, labels, windows_dir / split)


@dataclass(frozen=True)
class _ShardTask:
    """One shard to make: its clips and what is known of them, `(n_clips, n_labels)`."""

    folder: Path
    decoded: Path
    number: int
    clips: pd.DataFrame
    targets: NDArray[np.uint8]
    known: NDArray[np.uint8]


def _render_split(rows: pd.DataFrame, decoded: Path, labels: tuple[str, ...], folder: Path) -> None:
    rows, targets, known = told_clips(rows, labels)
    _begin(rows, targets, known, labels, folder)
    tasks = [
        _ShardTask(folder, decoded, number, rows[_FACTS].iloc[part], targets[part], known[part])
        for number, start in enumerate(range(0, len(rows), CLIPS_PER_SHARD))
        for part in [slice(start, start + CLIPS_PER_SHARD)]
    ]
    missing = [task for task in tasks if not _path(folder, "log_mel", task.number).exists()]
    done = spread(_render_shard, missing, tasks_worth_a_process=1)
    for _ in tqdm(done, f"cutting {folder.name}", len(tasks), initial=len(tasks) - len(missing)):
        pass


def _begin(
    rows: pd.DataFrame,
    targets: NDArray[np.uint8],
    known: NDArray[np.uint8],
    labels: tuple[str, ...],
    folder: Path,
) -> None:
    """Remove shards of other clips, and say of which clips the coming ones are."""
    facts = [_CUTTING, WINDOWS_PER_CLIP, labels, rows["sha256"].tolist()]
    digest = hashlib.sha256(json.dumps(facts).encode())
    digest.update(targets.tobytes() + known.tobytes())
    path = folder / RENDERED_FILE
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if before.get("digest") != digest.hexdigest():
        for kind in _KINDS[::-1]:
            for shard in folder.glob(f"{kind}_*.npy"):
                shard.unlink()
    n_windows = int(n_windows_of(rows["length"].to_numpy(np.int64)).sum())
    write_json(folder / LABELS_FILE, labels)
    write_json(path, {"digest": digest.hexdigest(), "windows": n_windows})


def _path(folder: Path, kind: str, number: int) -> Path:
    return folder / f"{kind}_{number:05d}.npy"


def _render_shard(task: _ShardTask) -> None:
    # One thread: with another number of them a matrix product rounds otherwise, and the workers
    # are as many as the cores already.
    with threadpool_limits(1):
        material = Material(task.clips, task.decoded)
        windows = [windows_of_clip(material, row) for row in range(len(task.clips))]
    counts = [len(some) for some in windows]
    targets, known = (np.repeat(array, counts, axis=0) for array in (task.targets, task.known))
    for kind, array in zip(_KINDS, (targets, known, np.concatenate(windows)), strict=True):
        with atomic(_path(task.folder, kind, task.number)) as temporary:
            np.save(temporary, np.asarray(array))
