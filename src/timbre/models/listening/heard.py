"""What a tagger says of a file, second by second, at OpenMIC's 20 labels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from timbre.data.csv_rows import read_rows
from timbre.errors import TimbreError
from timbre.models.metrics import Bools, Floats
from timbre.models.tagger import Tagger
from timbre.taxonomy import OPENMIC, to_level


@dataclass(frozen=True)
class Heard:
    """Probabilities `(n_seconds, 20)` and, of a tagger with thresholds, what it names."""

    seconds: Floats
    named: Bools | None = None


def heard_by(tagger: Tagger, path: Path) -> Heard:
    """A label that the model does not reach is 0.

    Raises
    ------
    TimbreError
        With the file's name, when it cannot be tagged.
    """
    try:
        rows = np.stack([segment.probabilities for segment in tagger.tag(path)])
    except TimbreError as error:
        raise TimbreError(error.code, f"{path}: {error.message}", error.hint) from error
    above = (rows >= tagger.thresholds).astype(np.float32)
    return Heard(_at_openmic(rows, tagger.labels), _at_openmic(above, tagger.labels) > 0)


def _at_openmic(rows: Floats, labels: tuple[str, ...]) -> Floats:
    names, values = to_level(rows, labels, "openmic")
    out = np.zeros((len(rows), len(OPENMIC)), np.float32)
    out[:, [OPENMIC.index(name) for name in names]] = values
    return out


def heard_by_reference(path: Path, manifest: pd.DataFrame, lengths: list[int]) -> list[Heard]:
    """The reference's segments brought to seconds: each holds what is said of its middle.

    Raises
    ------
    TimbreError
        When a column or a file of the manifest is missing, or a number is none.
    """
    rows = pd.DataFrame(read_rows(path, ("path", "end_s", *OPENMIC)), columns=["path", "end_s", *OPENMIC])
    try:
        rows = rows.astype({"end_s": np.float64, **dict.fromkeys(OPENMIC, np.float32)})
    except ValueError:
        raise TimbreError("bad_table", f"{path} has a number that is none.") from None
    by_path = dict(list(rows.groupby("path")))
    if absent := sorted(set(manifest["path"]) - set(by_path)):
        message = f"{path} says nothing of {absent[0]}; {len(absent)} of the files are missing."
        raise TimbreError("bad_table", message, "Name them as the manifest does.")
    return [Heard(_by_second(by_path[name], n)) for name, n in zip(manifest["path"], lengths, strict=True)]


def _by_second(segments: pd.DataFrame, n_seconds: int) -> Floats:
    rows = np.searchsorted(segments["end_s"].to_numpy(), np.arange(n_seconds) + 0.5, side="right")
    return segments[list(OPENMIC)].to_numpy(np.float32)[np.minimum(rows, len(segments) - 1)]
