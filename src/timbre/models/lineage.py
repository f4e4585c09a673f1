"""What a checkpoint can be traced to: its sources with their licences, its table, its windows."""

from collections.abc import Sequence
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

FILES_OF_GROUP, FILE_DIGITS = 8, 12  # what is kept of the files that were learned from


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


def learned_files(index: pd.DataFrame, init: CheckpointConfig | None = None) -> tuple[str, ...] | None:
    """Digests by which the recordings that weights learned from are known again, with those of `init`.

    A later model that begins with these weights must not be tested with them. Of every group some files:
    those of the smallest digests, since they are the same ones wherever the group is met again, under
    whatever name. None where `init` does not say.
    """
    if init and init.learned_files is None:
        return None
    before = (init.learned_files or ()) if init else ()
    rows = index[(index["split"] == "train") & (index["kind"] != RENDERED)]
    some = rows.sort_values("sha256").groupby("group")["sha256"].head(FILES_OF_GROUP)
    return tuple(sorted({*before, *(digest[:FILE_DIGITS] for digest in some)}))


def held_out_but_learned(table: pd.DataFrame, init: CheckpointConfig) -> pd.Series:
    """Of each row whether it validates or tests here, and `init` learned from its group or its soundfont.

    A group is known again by files: by none where it comes in another encoding, or with other ones.
    """
    is_known = table["sha256"].str[:FILE_DIGITS].isin(init.learned_files or ())
    fonts = [source["source"] for source in init.trained_on]
    is_learned = table["group"].isin(table.loc[is_known, "group"])
    is_learned |= (table["kind"] == RENDERED) & table["dataset"].isin(fonts)
    return (table["split"] != "train") & is_learned


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
