"""The manifest of a split's mixes: a line a plan, and the clips that they are made of.

`mixes.jsonl` and `clips.csv` are all that is needed, beside the decoded clips, to make the same
windows again. The second holds what the truth depends on, digests and labels, and the licences.
"""

import hashlib
import json
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from timbre.data.lock import locked
from timbre.errors import TimbreError
from timbre.features.mix_plan import MixPlan, plan_of_dict
from timbre.features.mixer import Mixer
from timbre.files import atomic, file_sha256

PLANS_FILE, CLIPS_FILE = "mixes.jsonl", "clips.csv"
_LABELS = ["present", "absent"]
_CLIP_COLUMNS = ["clip_id", "sha256", *_LABELS, "dataset", "license"]


def write_plans(mixer: Mixer, n_mixes: int, split: str, seed: int, folder: Path) -> None:
    """Draw `n_mixes` plans into `folder/mixes.jsonl`, and list their clips in `folder/clips.csv`.

    Raises
    ------
    TimbreError
        `in_use` while another process draws or renders there.
    """
    seeds = np.random.SeedSequence([seed, *split.encode()]).generate_state(n_mixes)
    used: set[str] = set()
    with locked(folder), atomic(folder / PLANS_FILE) as plans:
        with plans.open("w", encoding="utf-8") as file:
            for number, one_seed in enumerate(tqdm(seeds, f"mixing {split}")):
                plan = mixer.plan(f"{split}_{number:06d}", int(one_seed))
                used.update(plan.clips)
                file.write(json.dumps(plan.as_dict()) + "\n")
        # Interrupted from here on, there are no plans, rather than plans beside the clips of others.
        (folder / PLANS_FILE).unlink(missing_ok=True)
        clips = mixer.index.loc[mixer.index["clip_id"].isin(used), _CLIP_COLUMNS]
        with atomic(folder / CLIPS_FILE) as temporary:
            _joined(clips).to_csv(temporary, index=False)


def read_plans(folder: Path, start: int = 0, n: int | None = None) -> Iterator[MixPlan]:
    """Plans of a split in order, one at a time: `n` from byte `start` of the file, or all."""
    with (folder / PLANS_FILE).open("rb") as file:
        file.seek(start)
        for line in islice(file, n):
            yield plan_of_dict(json.loads(line))


def plan_starts(folder: Path) -> list[int]:
    """Where the plan of every mix begins in the file, in bytes.

    Raises
    ------
    TimbreError
        When none were drawn.
    """
    with _existing(folder / PLANS_FILE).open("rb") as file:
        ends = list(accumulate(len(line) for line in file))
    return [0, *ends][:-1]


def read_clips(folder: Path) -> pd.DataFrame:
    """The clips of the mixes, with lists of leaves.

    Raises
    ------
    TimbreError
        When no mixes were drawn.
    """
    clips = pd.read_csv(_existing(folder / CLIPS_FILE), dtype=str, keep_default_na=False)
    for column in _LABELS:
        clips[column] = [cell.split(";") if cell else [] for cell in clips[column]]
    return clips


def manifest_digest(folder: Path) -> str:
    """Hex digest of all that the windows of a split are made of."""
    parts = file_sha256(folder / PLANS_FILE) + file_sha256(folder / CLIPS_FILE)
    return hashlib.sha256(parts.encode()).hexdigest()


def check_clips(folder: Path, index: pd.DataFrame) -> None:
    """Make sure that the clips are still those that the mixes were drawn from.

    Raises
    ------
    TimbreError
        When one is gone, is another recording or has other labels (the first is named), or no mixes
        were drawn.
    """
    compared = ["clip_id", "sha256", *_LABELS]
    drawn = _joined(read_clips(folder))[compared]
    now = _joined(index)[compared].set_index("clip_id").reindex(drawn["clip_id"]).reset_index()
    differs = (drawn.to_numpy() != now.to_numpy()).any(axis=1)
    if differs.any():
        raise TimbreError(
            "bad_mixes",
            f"The clip {drawn['clip_id'][differs].iloc[0]} is no longer what it was when it was mixed "
            f"({int(differs.sum())} of {len(drawn)} clips have changed or are gone).",
        )


def _existing(path: Path) -> Path:
    if not path.exists():
        raise TimbreError("bad_mixes", f"No mixes were drawn in {path.parent}.", "Run `timbre mix` first.")
    return path


def _joined(clips: pd.DataFrame) -> pd.DataFrame:
    """With lists joined by `;`."""
    return clips.assign(**{column: [";".join(leaves) for leaves in clips[column]] for column in _LABELS})
