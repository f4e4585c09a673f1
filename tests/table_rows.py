"""A row of the metadata table for a recording that a test made."""

from pathlib import Path

from timbre.data.table import COLUMNS
from timbre.files import file_sha256
from timbre.taxonomy import BY_ID


def table_row(path: Path, player: str, leaf: str, split: str, *, kind: str, duration_s: float) -> dict:
    """One instrument alone, everything else known to be absent."""
    return dict.fromkeys(COLUMNS, "") | {
        "clip_id": path.name, "path": path.name, "dataset": player, "present": [leaf],
        "absent": sorted(set(BY_ID) - {leaf}), "any_of": [], "group": f"{player}/{leaf}",
        "split": split, "license": "CC0-1.0", "duration_s": duration_s,
        "sha256": file_sha256(path), "root": str(path.parent), "kind": kind, "shippable": True, "key": -1,
    }  # fmt: skip
