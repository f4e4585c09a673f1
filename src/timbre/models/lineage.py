"""What a checkpoint can be traced to: its sources with their licences, its table, its windows."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from timbre.audio.front_end import FRONT_END
from timbre.data.table import SPLITS, TABLE_FILE
from timbre.features.soundfonts import KIND as RENDERED
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
            "minutes": round(_minutes(clips), 1),
            "clips": len(clips),
            "license": "; ".join(license_counts(clips["license"])),
            "licenses": license_counts(clips["license"]),
        }
        for source, clips in rows.groupby("dataset")
    ]
    return tuple(sorted(sources, key=lambda source: -float(source["minutes"])))


def learned_groups(index: pd.DataFrame, init: CheckpointConfig | None = None) -> tuple[str, ...] | None:
    """Digests of the groups of recordings that weights have learned from, those of `init` with them.

    A later model that begins with these weights must not be tested with such a group. Renderings have none
    here: a soundfont is held out whole or not at all. None where `init` does not say.
    """
    if init and init.learned_groups is None:
        return None
    before = (init.learned_groups or ()) if init else ()
    rows = index[(index["split"] == "train") & (index["kind"] != RENDERED)]
    return tuple(sorted({*before, *map(group_digest, rows["group"].unique())}))


def held_out_but_learned(table: pd.DataFrame, init: CheckpointConfig) -> pd.Series:
    """Of each row whether it validates or tests here, and `init` learned from its group."""
    known = set(init.learned_groups or ())
    learned = {group for group in table["group"].unique() if group_digest(group) in known}
    return (table["split"] != "train") & table["group"].isin(learned)


def group_digest(group: str) -> str:
    """Eight hex digits: groups are told apart, and their names stay with whoever has the recordings."""
    return sha256(group.encode()).hexdigest()[:8]


def learned_by_label(index: pd.DataFrame, labels: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """What of the training split holds each label: recordings, and apart from them what was rendered.

    A clip that holds several labels counts for each; one of which it is only known that it holds one of
    several counts for none. `sources` are data sets, or soundfonts where they were rendered.

    Parameters
    ----------
    index
        Decoded clips that may be learned from; the other splits are left out here.
    """
    clips = index[index["split"] == "train"].explode("present")
    is_rendered = clips["kind"] == RENDERED
    return {
        label: {
            "recordings": _amount(clips[is_label & ~is_rendered]),
            "renderings": _amount(clips[is_label & is_rendered]),
        }
        for label in labels
        for is_label in [clips["present"] == label]
    }


def _amount(clips: pd.DataFrame) -> dict[str, Any]:
    return {
        "sources": int(clips["dataset"].nunique()),
        "groups": int(clips["group"].nunique()),
        "clips": len(clips),
        "minutes": round(_minutes(clips), 2),
    }


def _minutes(clips: pd.DataFrame) -> float:
    """Of what was decoded; lengths are in samples."""
    return float(clips["length"].sum()) / FRONT_END.sample_rate_hz / 60


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
