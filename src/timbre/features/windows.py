"""Windows on disk: log-mel, targets and known labels of one split, in shards of a few hundred.

A shard is three `.npy` files of the same number. They are written whole or not at all, so a run
that was interrupted renders only what is missing; `rendered.json` says of which mixes they are.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from timbre.audio.log_mel import LogMel
from timbre.data.lock import locked
from timbre.data.parallel import spread
from timbre.errors import TimbreError
from timbre.features.manifest import PLANS_FILE, manifest_digest, plan_starts, read_clips, read_plans
from timbre.features.material import Material, with_facts
from timbre.features.mix_audio import MixRenderer
from timbre.files import atomic, write_json

LABELS_FILE, RENDERED_FILE = "labels.json", "rendered.json"
SHARD_WINDOWS = 512
RENDERING = 5  # another number wherever the same plan would become another window
_KINDS = ("targets", "known", "log_mel")  # the log-mel last: it says that the shard is whole
_MADE_AGAIN = "Remove it and the .npy files beside it: they are made again by the same command as before."


@dataclass(frozen=True)
class _ShardTask:
    """One shard to render; the worker reads its plans and clips itself."""

    folder: Path
    decoded: Path
    labels: tuple[str, ...]
    digest: str
    number: int
    start: int  # byte of its first plan
    n_windows: int  # of a shard that is full


def render_windows(
    folder: Path,
    decoded: Path,
    labels: tuple[str, ...],
    *,
    scheduler: str | None = None,
    shard_windows: int = SHARD_WINDOWS,
) -> int:
    """Render the mixes of `folder/mixes.jsonl` into shards, skipping shards that are there.

    Returns
    -------
    n_windows
        All of the split, those that were there included.

    Raises
    ------
    TimbreError
        When no mixes were drawn, or another process draws or renders there.
    """
    with locked(folder):
        return _render(folder, decoded, labels, scheduler, shard_windows)


def _render(
    folder: Path, decoded: Path, labels: tuple[str, ...], scheduler: str | None, shard_windows: int
) -> int:
    starts = plan_starts(folder)
    digest = _digest(folder, labels, shard_windows)
    _begin(folder, labels, digest, len(starts))
    shards = [
        _ShardTask(folder.resolve(), decoded.resolve(), labels, digest, number, start, shard_windows)
        for number, start in enumerate(starts[::shard_windows])
    ]
    missing = [shard for shard in shards if not _shard_path(folder, "log_mel", shard.number).exists()]
    done = spread(_render_shard, missing, scheduler=scheduler, tasks_worth_a_process=1)
    for _ in tqdm(done, f"rendering {folder.name}", len(shards), initial=len(shards) - len(missing)):
        pass
    _sweep(folder)
    return len(starts)


def _digest(folder: Path, labels: tuple[str, ...], shard_windows: int) -> str:
    facts = json.dumps([RENDERING, manifest_digest(folder), labels, shard_windows])
    return hashlib.sha256(facts.encode()).hexdigest()


def _begin(folder: Path, labels: tuple[str, ...], digest: str, n_windows: int) -> None:
    """Remove shards of other mixes, and say of which mixes the coming ones are."""
    _sweep(folder)
    if _rendered(folder).get("digest") != digest:
        for kind in _KINDS[::-1]:
            for path in folder.glob(f"{kind}_*.npy"):
                path.unlink()
    write_json(folder / LABELS_FILE, labels)
    facts = {"digest": digest, "manifest": manifest_digest(folder), "windows": n_windows}
    write_json(folder / RENDERED_FILE, facts)


def _sweep(folder: Path) -> None:
    """Remove what workers left that were killed while they wrote."""
    for path in folder.glob(".*.npy"):
        path.unlink(missing_ok=True)


def _rendered(folder: Path) -> dict[str, str | int]:
    path = folder / RENDERED_FILE
    return dict(_read(path)) if path.exists() else {}


def _read(path: Path) -> Any:
    """What a JSON file beside the windows holds.

    Raises
    ------
    TimbreError
        When it is no such file.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise TimbreError("bad_windows", f"{path} is damaged.", _MADE_AGAIN) from None


def _load(path: Path, mmap_mode: Literal["r"] | None = None) -> NDArray[Any]:
    """A shard's array.

    Raises
    ------
    TimbreError
        When the file holds none.
    """
    try:
        return np.asanyarray(np.load(path, mmap_mode=mmap_mode))
    except (OSError, ValueError, EOFError):
        raise TimbreError("bad_windows", f"{path} is damaged.", _MADE_AGAIN) from None


def _shard_path(folder: Path, kind: str, number: int) -> Path:
    return folder / f"{kind}_{number:05d}.npy"


def _render_shard(task: _ShardTask) -> None:
    # One thread: with another number of them a matrix product rounds otherwise, and the workers
    # are as many as the cores already.
    with threadpool_limits(1):
        renderer = _renderer(task.folder, task.decoded, task.labels, task.digest)
        plans = read_plans(task.folder, task.start, task.n_windows)
        windows = [_stored(*renderer.window(plan)) for plan in plans]
    for kind, arrays in zip(_KINDS, zip(*windows, strict=True), strict=True):
        with atomic(_shard_path(task.folder, kind, task.number)) as temporary:
            np.save(temporary, np.stack(arrays))


def _stored(
    log_mel: LogMel, targets: NDArray[np.uint8], known: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float16]]:
    """A window in the order and precision in which it is kept."""
    return targets, known, log_mel.astype(np.float16)


@lru_cache(maxsize=1)
def _renderer(folder: Path, decoded: Path, labels: tuple[str, ...], digest: str) -> MixRenderer:
    """The renderer of one split, read once in a process; `digest` tells it from that of other mixes."""
    return MixRenderer(Material(with_facts(read_clips(folder), decoded), decoded), labels)


def windows_digest(folder: Path) -> str | None:
    """Hex digest of all that the windows of a split are made of; None where nobody wrote it down."""
    digest = _rendered(folder).get("digest")
    return None if digest is None else str(digest)


class Windows:
    """The rendered windows of one split.

    Parameters
    ----------
    in_memory
        Read all log-mels at once, 77 KB each; else they are mapped, which random order makes slow
        as soon as they are not in the page cache.

    Attributes
    ----------
    targets, known
        `(n, n_labels)`, 0 or 1.
    any_of
        `(n, n_groups, n_labels)`, 0 or 1: at least one label of each group sounds, nobody knows which. An
        empty group says nothing; windows of mixes have none.

    Raises
    ------
    TimbreError
        When there are none, not all, or not those of the mixes that lie beside them.
    """

    def __init__(self, folder: Path, *, in_memory: bool = False):
        if not (folder / LABELS_FILE).exists():
            hint = "Run `timbre spectrograms`, or name another folder; those of clips are in its `clips`."
            raise TimbreError("bad_windows", f"{folder} holds no windows.", hint)
        self.labels = tuple(_read(folder / LABELS_FILE))
        paths = sorted(folder.glob("log_mel_*.npy"))
        self._shards = [_load(path, None if in_memory else "r") for path in paths]
        self._ends = np.cumsum([len(shard) for shard in self._shards])
        self.targets = self._small(folder, "targets")
        self.known = self._small(folder, "known")
        self.any_of = self._small(folder, "any_of", (len(self.targets), 0, len(self.labels)))
        self._check(folder)

    def _check(self, folder: Path) -> None:
        facts = _rendered(folder)
        if facts and (folder / PLANS_FILE).exists() and facts["manifest"] != manifest_digest(folder):
            raise TimbreError("bad_windows", f"The windows in {folder} are not of the mixes there.")
        if facts and facts["windows"] != len(self):
            raise TimbreError("bad_windows", f"{folder} holds {len(self)} of {facts['windows']} windows.")

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def log_mel(self, number: int) -> NDArray[np.float16]:
        """`(n_mels, n_frames)` in dB."""
        shard = int(np.searchsorted(self._ends, number, side="right"))
        first = int(self._ends[shard - 1]) if shard else 0
        return np.asarray(self._shards[shard][number - first])

    def batch(self, numbers: NDArray[np.int64]) -> NDArray[np.float16]:
        """`(n, n_mels, n_frames)` in dB."""
        return np.stack([self.log_mel(int(number)) for number in numbers])

    @staticmethod
    def _small(folder: Path, kind: str, shape_without: tuple[int, ...] = (0, 0)) -> NDArray[np.uint8]:
        parts = [_load(path) for path in sorted(folder.glob(f"{kind}_*.npy"))]
        return np.concatenate(parts) if parts else np.zeros(shape_without, np.uint8)
