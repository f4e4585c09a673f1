"""Windows on disk: log-mel, targets and known labels of one split, in shards of a few hundred.

A shard is three `.npy` files of the same number. They are written whole or not at all, so a run
that was interrupted renders only what is missing.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from timbre.data.parallel import n_jobs
from timbre.features.material import Material
from timbre.features.mix_audio import MixRenderer
from timbre.features.mix_plan import MixPlan, plan_of_dict
from timbre.features.mixer import Mixer
from timbre.files import atomic

PLANS_FILE = "mixes.jsonl"
LABELS_FILE = "labels.json"
SHARD_WINDOWS = 512
_KINDS = ("targets", "known", "log_mel")  # the log-mel last: it says that the shard is whole


def write_plans(mixer: Mixer, n_mixes: int, split: str, seed: int, folder: Path) -> None:
    """Draw `n_mixes` plans into `folder/mixes.jsonl`."""
    seeds = np.random.SeedSequence([seed, *split.encode()]).generate_state(n_mixes)
    with atomic(folder / PLANS_FILE) as temporary, temporary.open("w", encoding="utf-8") as file:
        for number, one_seed in enumerate(tqdm(seeds, f"mixing {split}")):
            plan = mixer.plan(f"{split}_{number:06d}", int(one_seed))
            file.write(json.dumps(plan.as_dict()) + "\n")


def read_plans(folder: Path) -> list[MixPlan]:
    """The plans of a split, in order."""
    lines = (folder / PLANS_FILE).read_text(encoding="utf-8").splitlines()
    return [plan_of_dict(json.loads(line)) for line in lines]


def render_windows(
    plans: list[MixPlan], index: pd.DataFrame, decoded: Path, labels: tuple[str, ...], folder: Path
) -> None:
    """Render the plans into shards, on all cores, skipping shards that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LABELS_FILE).write_text(json.dumps(labels), encoding="utf-8")
    shards = [plans[start : start + SHARD_WINDOWS] for start in range(0, len(plans), SHARD_WINDOWS)]
    jobs = [
        delayed(_render_shard)(shard, index, decoded, labels, folder, number)
        for number, shard in enumerate(shards)
        if not _shard_path(folder, "log_mel", number).exists()
    ]
    for _ in tqdm(
        Parallel(n_jobs(len(jobs), 1), return_as="generator_unordered")(jobs), "rendering", total=len(jobs)
    ):
        pass


def _shard_path(folder: Path, kind: str, number: int) -> Path:
    return folder / f"{kind}_{number:05d}.npy"


def _render_shard(
    plans: list[MixPlan],
    index: pd.DataFrame,
    decoded: Path,
    labels: tuple[str, ...],
    folder: Path,
    number: int,
) -> None:
    renderer = MixRenderer(Material(index, decoded), labels)
    windows = [renderer.window(plan) for plan in plans]
    log_mels = np.stack([window[0] for window in windows]).astype(np.float16)
    targets, known = (np.stack([window[k] for window in windows]) for k in (1, 2))
    for kind, array in zip(_KINDS, (targets, known, log_mels), strict=True):
        with atomic(_shard_path(folder, kind, number)) as temporary:
            np.save(temporary, array)


class Windows:
    """The rendered windows of one split.

    Parameters
    ----------
    in_memory
        Read all log-mels at once, 77 KB each; else they are mapped, which random order makes slow
        as soon as they are not in the page cache.
    """

    def __init__(self, folder: Path, *, in_memory: bool = False):
        self.labels = tuple(json.loads((folder / LABELS_FILE).read_text(encoding="utf-8")))
        paths = sorted(folder.glob("log_mel_*.npy"))
        self._shards = [np.load(path, mmap_mode=None if in_memory else "r") for path in paths]
        self._ends = np.cumsum([len(shard) for shard in self._shards])
        self.targets = self._small(folder, "targets")
        self.known = self._small(folder, "known")

    def __len__(self) -> int:
        return len(self.targets)

    def log_mel(self, number: int) -> NDArray[np.float16]:
        """`(n_mels, n_frames)` in dB."""
        shard = int(np.searchsorted(self._ends, number, side="right"))
        first = int(self._ends[shard - 1]) if shard else 0
        return np.asarray(self._shards[shard][number - first])

    def batch(self, numbers: NDArray[np.int64]) -> NDArray[np.float16]:
        """`(n, n_mels, n_frames)` in dB."""
        return np.stack([self.log_mel(int(number)) for number in numbers])

    @staticmethod
    def _small(folder: Path, kind: str) -> NDArray[np.uint8]:
        parts = [np.load(path) for path in sorted(folder.glob(f"{kind}_*.npy"))]
        return np.concatenate(parts) if parts else np.zeros((0, 0), np.uint8)
