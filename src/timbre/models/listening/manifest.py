"""What is known of the files of a listening test as a whole.

`manifest.csv` says of each file what is certainly `present` and what certainly `absent` (`others`:
everything else; `all`: every instrument); the rest is unknown and not scored. A leaf without a counterpart
at OpenMIC's 20 labels (oboe) makes its file count for the absent labels only; a drum beat leaves
cymbals open. A solo is a file of one instrument, everything else being known to be absent.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from timbre.data.csv_rows import read_rows
from timbre.data.label_maps import LEAVES, normalized
from timbre.errors import TimbreError
from timbre.models.metrics import Bools
from timbre.taxonomy import OPENMIC, level_of

MANIFEST_FILE = "manifest.csv"
_OPEN_BESIDE = {"drums": ("cymbals",)}


def read_manifest(folder: Path) -> pd.DataFrame:
    """A row a file: path, present and absent among its columns, all of them text.

    Raises
    ------
    TimbreError
        When a column is missing or no file is listed.
    """
    path = folder / MANIFEST_FILE
    manifest = pd.DataFrame(read_rows(path, ("path", "present", "absent")))
    if manifest.empty:
        raise TimbreError("bad_table", f"{path} lists no file.", "Give each recording a row.")
    return manifest


def place_of(folder: Path, path: str) -> Path:
    """Where a listed file lies: the list may also name it as it is seen from a folder further up."""
    return folder / path if (folder / path).exists() else folder / Path(path).name


def file_truth(manifest: pd.DataFrame) -> tuple[Bools, Bools]:
    """Targets and known of each file, `(n_files, 20)`.

    Raises
    ------
    TimbreError
        When a name means no instrument.
    """
    shape = (len(manifest), len(OPENMIC))
    targets, known = np.zeros(shape, bool), np.zeros(shape, bool)
    for row, (present, absent) in enumerate(zip(manifest["present"], manifest["absent"], strict=True)):
        labels = [_openmic(name) for name in _names(present)]
        columns = [OPENMIC.index(label) for label in labels if label]
        targets[row, columns] = True
        if absent in ("others", "all"):
            known[row] = True
        else:
            denied = [_openmic(name) for name in _names(absent)]
            known[row, [OPENMIC.index(label) for label in denied if label]] = True
        for label in labels:
            known[row, [OPENMIC.index(other) for other in _OPEN_BESIDE.get(label or "", ())]] = False
        known[row, columns] = True
    return targets, known


def _names(cell: str) -> list[str]:
    return [name for name in cell.split(";") if name]


def _openmic(name: str) -> str | None:
    name = normalized(name)
    if name not in OPENMIC and name not in LEAVES:
        raise TimbreError(
            "unknown_label",
            f"The label {name!r} in {MANIFEST_FILE} is not mapped to an instrument.",
            f"Use one of Timbre's names or of {', '.join(OPENMIC)}.",
        )
    return name if name in OPENMIC else level_of(LEAVES[name], "openmic")


def solos(manifest: pd.DataFrame, targets: Bools, known: Bools) -> Bools:
    """Which files are solos, `(n_files,)`."""
    alone = np.array([len(_names(present)) == 1 for present in manifest["present"]])
    return np.asarray(alone & targets.any(axis=1) & (known.sum(axis=1) >= len(OPENMIC) - 1))
