"""Pictures of windows, to look at what a model learns from: a PNG each, and a list of their labels."""

from itertools import compress
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from timbre.audio.picture import to_pixels
from timbre.features.manifest import plan_starts, read_plans
from timbre.features.mix_plan import MixPlan
from timbre.features.windows import Windows
from timbre.files import atomic

PICTURES_DIR, LIST_FILE = "pictures", "pictures.csv"
_COLUMNS = ("picture", "present", "unknown", "clips")


def write_pictures(folder: Path, n: int) -> int:
    """Pictures of `n` windows of a split, evenly spread, in place of those that were there.

    They lie in `folder/pictures`, named by their mixes; `pictures.csv` says of each what is heard in
    it, what is left unknown, and the clips that it is made of.

    Returns
    -------
    n_pictures
        Fewer than `n` where there are fewer windows.
    """
    windows, starts, pictures = Windows(folder), plan_starts(folder), folder / PICTURES_DIR
    for path in pictures.glob("*.png"):
        path.unlink()
    rows = []
    for number in np.linspace(0, len(windows) - 1, min(n, len(windows))).astype(int):
        plan = next(read_plans(folder, starts[number], 1))
        with atomic(pictures / f"{plan.mix_id}.png") as temporary:
            Image.fromarray(to_pixels(windows.log_mel(number).astype(np.float32))).save(temporary)
        rows.append(_facts(windows, number, plan))
    with atomic(pictures / LIST_FILE) as temporary:
        pd.DataFrame(rows, columns=_COLUMNS).to_csv(temporary, index=False)
    return len(rows)


def _facts(windows: Windows, number: int, plan: MixPlan) -> dict[str, str]:
    present, unknown = windows.targets[number] > 0, windows.known[number] == 0
    texts = (
        f"{plan.mix_id}.png",
        ";".join(compress(windows.labels, present)),
        ";".join(compress(windows.labels, unknown)),
        ";".join(plan.clips),
    )
    return dict(zip(_COLUMNS, texts, strict=True))
