"""Whole clips tagged as the service tags them: one probability a label, at every level.

Each finding is a line of a log, so that an interrupted evaluation goes on where it stopped, and a
second look at the same clips by the same model costs nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from tqdm import tqdm

from timbre.data.parallel import spread
from timbre.errors import TimbreError
from timbre.files import file_sha256
from timbre.models.checkpoint import CONFIG_FILE
from timbre.models.metrics import Floats
from timbre.models.tagger import Tagger
from timbre.taxonomy import BY_ID, LEVELS, level_of, to_level

Pooling = Literal["mean", "max"]
TAGGED_DIR = "tagged"  # below the table's folder
_DIGEST_DIGITS = 16
_CLIPS_WORTH_A_PROCESS = 32


@dataclass(frozen=True)
class ClipTask:
    """One file to tag."""

    model: Path
    path: Path
    sha256: str
    pooling: Pooling


@dataclass(frozen=True)
class TaggedClip:
    """What the model says of one file; `problem` in the place of probabilities if it cannot be decoded."""

    sha256: str
    probabilities: dict[str, list[float]]  # by level, in the order of `level_labels`
    problem: str = ""


def tag_clips(
    model: Path, rows: pd.DataFrame, table_dir: Path, pooling: Pooling = "mean", scheduler: str | None = None
) -> list[TaggedClip]:
    """Tag the file of every row, in the order of the rows.

    Parameters
    ----------
    pooling
        A clip's probability is the mean over its segments, or their maximum.
    scheduler
        As for `timbre.data.parallel.spread`.
    """
    log = table_dir / TAGGED_DIR / f"{_digest(model)}-{pooling}.jsonl"
    found = {clip.sha256: clip for clip in _read(log)}
    paths = dict(zip(rows["sha256"], map(Path, rows["root"], rows["path"]), strict=True))
    tasks = [ClipTask(model, path, sha256, pooling) for sha256, path in paths.items() if sha256 not in found]
    results = spread(tag_clip, tasks, scheduler=scheduler, tasks_worth_a_process=_CLIPS_WORTH_A_PROCESS)
    progress = tqdm(results, "tagging", len(tasks), unit="clip")
    for clip in _logged(progress, log) if tasks else ():
        found[clip.sha256] = clip
    return [found[sha256] for sha256 in rows["sha256"]]


def tag_clip(task: ClipTask) -> TaggedClip:
    """Tag one file whole; never raises for what is wrong with the file."""
    tagger = _tagger(task.model)
    try:
        if file_sha256(task.path) != task.sha256:
            return TaggedClip(task.sha256, {}, problem="It was changed since the table was made.")
        rows = np.stack([segment.probabilities for segment in tagger.tag(task.path)])
    except (OSError, TimbreError) as error:
        return TaggedClip(task.sha256, {}, problem=getattr(error, "message", str(error)))
    levels = {level: pooled(rows, tagger.labels, level, task.pooling) for level in LEVELS}
    return TaggedClip(task.sha256, {level: values.round(6).tolist() for level, values in levels.items()})


def pooled(rows: Floats, leaves: tuple[str, ...], level: str, pooling: Pooling = "mean") -> Floats:
    """One probability a label of a level, from the segments' `(n_segments, n_leaves)`.

    A coarser label is the maximum over its leaves second by second, as everywhere; then the seconds
    are put together.
    """
    _, values = to_level(rows, leaves, level)
    return np.asarray(values.mean(axis=0) if pooling == "mean" else values.max(axis=0), dtype=np.float64)


@lru_cache(maxsize=1)
def _tagger(model: Path) -> Tagger:
    """Loaded once in a process."""
    return Tagger(model)


def _digest(model: Path) -> str:
    """Of what decides the numbers: the config states the digests of the weights, the ontology the levels."""
    levels = json.dumps([[level_of(leaf, level) for leaf in BY_ID] for level in LEVELS])
    decisive = (model / CONFIG_FILE).read_bytes() + levels.encode()
    return hashlib.sha256(decisive).hexdigest()[:_DIGEST_DIGITS]


def _read(log: Path) -> Iterator[TaggedClip]:
    if not log.exists():
        return
    with log.open(encoding="utf-8") as file:
        for line in file:
            try:
                yield TaggedClip(**json.loads(line))
            except (json.JSONDecodeError, TypeError):
                continue  # a line that an interruption cut short


def _logged(clips: Iterable[TaggedClip], log: Path) -> Iterator[TaggedClip]:
    """Write down each clip that could be tagged; the others are tried again next time."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write("\n")  # ends a line that an interruption cut short
        for clip in clips:
            if not clip.problem:
                file.write(json.dumps(asdict(clip)) + "\n")
                file.flush()
            yield clip
