"""A checkpoint beside another tagger on whole recordings that neither learned from.

`manifest.csv` says of each file what is certainly `present` and what certainly `absent` (`others`:
everything else; `all`: every instrument); the rest is unknown and not scored. `reference.csv` holds the
other tagger's probabilities in segments. Both are compared at OpenMIC's 20 labels, a file by the mean
over its segments. A leaf without a counterpart there (oboe) makes its file count for the absent
labels only; a drum beat leaves cymbals open.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from timbre.data.label_maps import LEAVES, normalized
from timbre.models.metrics import (
    Bools,
    Floats,
    average_precision,
    bootstrap_interval,
    class_average_precisions,
    label_ranking_average_precision,
)
from timbre.models.tagger import Tagger
from timbre.taxonomy import OPENMIC, level_of, to_level

MANIFEST_FILE, REFERENCE_FILE = "manifest.csv", "reference.csv"
_OPEN_BESIDE = {"drums": ("cymbals",)}


def compare_with_reference(folder: Path, model: Path) -> dict[str, Any]:
    """Scores of the checkpoint, and of the reference where there is one, on the same files."""
    manifest = pd.read_csv(folder / MANIFEST_FILE, dtype=str, keep_default_na=False)
    paths = [folder / Path(path).name for path in manifest["path"]]
    targets, known = _truth(manifest)
    tagger = Tagger.from_pretrained(model)
    ours = np.stack([_file_probabilities(tagger, path) for path in tqdm(paths, "tagging")])
    result: dict[str, Any] = {"files": len(paths), "model": _scores(ours, targets, known)}
    solo = _is_solo(targets, known)
    result["solo"] = _solo_answers(manifest, ours, targets, solo)
    if (folder / REFERENCE_FILE).exists():
        theirs = _reference(folder / REFERENCE_FILE, manifest)
        result["reference"] = _scores(theirs, targets, known)
        for answer, row in zip(result["solo"], np.flatnonzero(solo), strict=True):
            answer["reference"] = OPENMIC[int(theirs[row].argmax())]
    return result


def _truth(manifest: pd.DataFrame) -> tuple[Bools, Bools]:
    """Targets and known of each file, `(n_files, 20)`."""
    shape = (len(manifest), len(OPENMIC))
    targets, known = np.zeros(shape, bool), np.zeros(shape, bool)
    for row, (present, absent) in enumerate(zip(manifest["present"], manifest["absent"], strict=True)):
        labels = [_openmic(name) for name in present.split(";") if name]
        columns = [OPENMIC.index(label) for label in labels if label]
        targets[row, columns] = True
        if absent in ("others", "all"):
            known[row] = True
        else:
            known[row, [OPENMIC.index(str(_openmic(name))) for name in absent.split(";") if name]] = True
        for label in labels:
            known[row, [OPENMIC.index(other) for other in _OPEN_BESIDE.get(label or "", ())]] = False
        known[row, columns] = True
    return targets, known


def _openmic(name: str) -> str | None:
    name = normalized(name)
    return name if name in OPENMIC else level_of(LEAVES[name], "openmic")


def _file_probabilities(tagger: Tagger, path: Path) -> Floats:
    """`(20,)`: mean over the segments; a label that the model does not reach is 0."""
    rows = np.stack([segment.probabilities for segment in tagger.tag(path)])
    names, values = to_level(rows, tagger.labels, "openmic")
    out = np.zeros(len(OPENMIC), np.float32)
    out[[OPENMIC.index(name) for name in names]] = values.mean(axis=0)
    return out


def _reference(path: Path, manifest: pd.DataFrame) -> Floats:
    means = pd.read_csv(path).groupby("path")[list(OPENMIC)].mean()
    return means.loc[manifest["path"]].to_numpy(np.float32)


def _is_solo(targets: Bools, known: Bools) -> Bools:
    """Files with one instrument, everything else known to be absent."""
    return np.asarray((targets.sum(axis=1) == 1) & (known.sum(axis=1) >= len(OPENMIC) - 1))


def _scores(probabilities: Floats, targets: Bools, known: Bools) -> dict[str, Any]:
    solo = _is_solo(targets, known)
    named = probabilities[solo].argmax(axis=1)
    right = targets[solo, :][np.arange(len(named)), named].astype(np.float64)
    commonest = int(targets[solo].sum(axis=0).argmax())
    low, high = bootstrap_interval(right, [str(number) for number in range(len(right))])
    precisions = class_average_precisions(targets, probabilities, known)
    return {
        "solo_files": len(named),
        "solo_top1": round(float(right.mean()), 4),
        "solo_top1_interval": [round(low, 4), round(high, 4)],
        "commonest": OPENMIC[commonest],
        "commonest_top1": round(float(targets[solo, commonest].mean()), 4),
        "lrap": round(label_ranking_average_precision(targets[solo], probabilities[solo], known[solo]), 4),
        "map": round(float(np.nanmean(precisions)), 4),
        "micro_ap": round(average_precision(targets[known], probabilities[known]), 4),
    }


def _solo_answers(
    manifest: pd.DataFrame, probabilities: Floats, targets: Bools, solo: Bools
) -> list[dict[str, Any]]:
    return [
        {
            "file": Path(str(manifest["path"][row])).name,
            "truth": OPENMIC[int(targets[row].argmax())],
            "model": OPENMIC[int(probabilities[row].argmax())],
            "probability": round(float(probabilities[row].max()), 3),
        }
        for row in np.flatnonzero(solo)
    ]


def report_lines(result: dict[str, Any]) -> list[str]:
    """The comparison as text for a terminal."""
    columns = ("solo_files", "solo_top1", "lrap", "map", "micro_ap", "commonest_top1")
    lines = [f"{'':12}" + "".join(f"{column:>16}" for column in columns)]
    for name in ("model", "reference"):
        if name in result:
            lines.append(f"{name:12}" + "".join(f"{result[name][column]:>16}" for column in columns))
    for answer in result["solo"]:
        if answer["model"] != answer["truth"]:
            lines.append(
                f"{answer['file']}: {answer['truth']} taken for {answer['model']} ({answer['probability']})"
            )
    return lines
