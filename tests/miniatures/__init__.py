"""The archives of the nine sources in miniature, and the truth about every clip in them.

Written from what the makers of the data sets publish, and importing nothing of the package: the
readers meet an independent reading of the facts here. `build` lays the files out by host:
`zenodo/<record>/<file>`, `kaggle/<owner>/<name>.zip`, `mirror/<host>/<path>`, `freesound/sounds.json`
with `freesound/previews/`, and `own/` for a sample library on one's own disk; `loopback_hosts` serves
such a folder over HTTP.
"""

from pathlib import Path

from miniatures import (
    freesound,
    fsdkaggle2018,
    irmas,
    misd,
    nsynth,
    openmic2018,
    own_folders,
    philharmonia,
    vocalset,
)
from miniatures.clip import Clip

SOURCES = {
    "fsdkaggle2018": fsdkaggle2018,
    "irmas": irmas,
    "misd": misd,
    "philharmonia": philharmonia,
    "vocalset": vocalset,
    "openmic2018": openmic2018,
    "nsynth": nsynth,
    "freesound": freesound,
    "own": own_folders,
}


def build(places: Path, sources: tuple[str, ...] = tuple(SOURCES)) -> list[Clip]:
    """Write the archives of these sources below `places`; returns the truth about their clips."""
    return [clip for source in sources for clip in SOURCES[source].make(places)]
