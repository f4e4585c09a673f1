"""Which calibration is best on mixes whose clips it was not fitted on: the table in docs/evaluation.md.

    python benchmarks/calibration_methods.py [--model FOLDER] [--windows FOLDER] [--table FOLDER]

The groups of the validation split are divided into halves, several times at random. Each method is
fitted on the mixes of one half and measured on those of the other; mixes of both halves are left out.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression
from tqdm import tqdm

from timbre.data.table import read_table
from timbre.features.manifest import PLANS_FILE
from timbre.features.windows import Windows
from timbre.models.calibration import (
    SHRINK_POSITIVES,
    calibration_error,
    fit_calibration,
    fit_platt,
    sigmoid,
)
from timbre.models.tagger import BATCH_SIZE, Tagger
from timbre.paths import DATA_DIR, DEFAULT_MODEL_DIR

N_DIVISIONS = 8
LEAST = 1e-6  # a probability of 0 would cost without limit
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]  # logits, targets, known
Calibrated = Callable[[np.ndarray], np.ndarray]


def temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The factor of least log-loss."""
    signed = np.where(targets, logits, -logits)
    loss = minimize_scalar(
        lambda scale: np.logaddexp(0, -scale * signed).mean(), bounds=(0.05, 5), method="bounded"
    )
    return float(loss.x)


def isotonic(logits: np.ndarray, targets: np.ndarray) -> Calibrated:
    fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(logits, targets)
    return lambda other: fitted.predict(other.ravel()).reshape(other.shape)


def by_label(fit: Callable[[np.ndarray, np.ndarray], Calibrated], seen: Arrays) -> Calibrated:
    """One fit a label, the common one where a label has not both answers."""
    logits, targets, known = seen
    common = fit(logits[known], targets[known])
    fits = []
    for c in range(logits.shape[1]):
        truth = targets[known[:, c], c]
        fits.append(fit(logits[known[:, c], c], truth) if 0 < truth.sum() < len(truth) else common)
    return lambda other: np.stack([own(other[:, c]) for c, own in enumerate(fits)], axis=1)


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> Calibrated:
    scale = temperature(logits, targets)
    return lambda other: sigmoid(scale * other)


def plain_platt(logits: np.ndarray, targets: np.ndarray) -> Calibrated:
    scale, bias = fit_platt(logits, targets)
    return lambda other: sigmoid(scale * other + bias)


def common(fit: Callable[[np.ndarray, np.ndarray], Calibrated]) -> Callable[[Arrays], Calibrated]:
    return lambda seen: fit(seen[0][seen[2]], seen[1][seen[2]])


METHODS: dict[str, Callable[[Arrays], Calibrated]] = {
    "none": lambda _: sigmoid,
    "temperature, one": common(fit_temperature),
    "temperature by label": lambda seen: by_label(fit_temperature, seen),
    "isotonic, one": common(isotonic),
    "isotonic by label": lambda seen: by_label(isotonic, seen),
    "Platt, one": common(plain_platt),
    "Platt by label": lambda seen: by_label(plain_platt, seen),
    f"Platt by label, shrunk ({SHRINK_POSITIVES:g})": lambda seen: fit_calibration(*seen).probabilities,
}


def log_loss(probabilities: np.ndarray, targets: np.ndarray, known: np.ndarray) -> float:
    p = np.clip(probabilities, LEAST, 1 - LEAST)
    return float(-np.log(np.where(targets, p, 1 - p))[known].mean())


def logits_of(model: Path, windows: Windows) -> np.ndarray:
    tagger, numbers = Tagger(model), np.arange(len(windows))
    batches = [numbers[start : start + BATCH_SIZE] for start in numbers[::BATCH_SIZE]]
    return np.concatenate(
        [tagger.logits(windows.batch(batch).astype(np.float32)) for batch in tqdm(batches, "tagging")]
    )


def groups_of_mixes(folder: Path, table_dir: Path) -> list[set[str]]:
    """Of each mix the groups that its sources are from."""
    group = dict(read_table(table_dir)[["clip_id", "group"]].itertuples(index=False))
    plans = map(json.loads, (folder / PLANS_FILE).read_text(encoding="utf-8").splitlines())
    return [{group[clip] for source in plan["sources"] for clip in source["clips"]} for plan in plans]


def halves(mixes: list[set[str]], seed: int) -> tuple[np.ndarray, np.ndarray]:
    names = sorted(set().union(*mixes))
    first = set(np.random.default_rng(seed).permutation(names)[: len(names) // 2])
    in_first = np.array([bool(mix) and mix <= first for mix in mixes])
    return in_first, np.array([bool(mix) and not mix & first for mix in mixes])


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--model", type=Path, default=DEFAULT_MODEL_DIR)
    options.add_argument("--windows", type=Path, default=DATA_DIR / "processed")
    options.add_argument("--table", type=Path, default=DATA_DIR / "interim")
    given = options.parse_args()
    windows = Windows(given.windows / "validation")
    whole = (logits_of(given.model, windows), windows.targets > 0, windows.known > 0)
    mixes = groups_of_mixes(given.windows / "validation", given.table)
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    for seed in range(N_DIVISIONS):
        first, second = halves(mixes, seed)
        for seen, unseen in ((first, second), (second, first)):
            logits, targets, known = (part[unseen] for part in whole)
            for name, fit in METHODS.items():
                p = fit(tuple(part[seen] for part in whole))(logits)
                measured[name].append((log_loss(p, targets, known), calibration_error(p, targets, known)))
    print(f"{'method':30} log-loss  calibration error")
    for name, values in measured.items():
        loss, error = np.mean(values, axis=0)
        print(f"{name:30} {loss:8.4f} {error:18.4f}")


if __name__ == "__main__":
    main()
