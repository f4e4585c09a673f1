"""What a checkpoint can be traced to: its sources with their licences, its table, its windows."""

from pathlib import Path
from typing import Any

import pandas as pd

from timbre.audio.front_end import FRONT_END
from timbre.data.table import SPLITS, TABLE_FILE
from timbre.features.windows import windows_digest
from timbre.files import file_sha256
from timbre.models.checkpoint import CheckpointConfig
from timbre.models.weights_license import license_counts


def trained_on(index: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    """Sources of the training split with minutes, clips and licences, the largest first.

    Minutes are of the decoded index: what is learned from, not what the files hold besides.
    """
    rows = index[index["split"] == "train"]
    sources = [
        {
            "source": source,
            "minutes": round(float(clips["length"].sum()) / FRONT_END.sample_rate_hz / 60, 1),
            "clips": len(clips),
            "license": "; ".join(license_counts(clips["license"])),
            "licenses": license_counts(clips["license"]),
        }
        for source, clips in rows.groupby("dataset")
    ]
    return tuple(sorted(sources, key=lambda source: -float(source["minutes"])))


def inherited(init: CheckpointConfig) -> tuple[dict[str, Any], ...]:
    """What a checkpoint has learned from, for one that began with its weights."""
    nobody_knows = {"source": init.full_name, "minutes": 0.0, "clips": 0, "license": "not stated"}
    sources = init.trained_on or (nobody_knows,)
    return tuple({"through": init.full_name, **source} for source in sources)


def data_digests(table_dir: Path, windows_dir: Path) -> dict[str, Any]:
    """SHA-256 of the table's file, and the digest of what the windows of each split are made of."""
    table = table_dir / TABLE_FILE
    return {
        "table": file_sha256(table) if table.exists() else None,
        "windows": {split: windows_digest(windows_dir / split) for split in SPLITS},
    }
