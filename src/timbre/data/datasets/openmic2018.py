"""OpenMIC-2018: 20,000 excerpts of 10 s from the Free Music Archive, partly labelled with 20 instruments.

ogg, `openmic-2018/audio/<first three digits>/<sample_key>.ogg`. `openmic-2018.npz` holds `Y_true` (20,000 x
20, share of the annotators who heard it), `Y_mask` (whether it was asked) and `sample_key`;
`class-map.json` the column of each label; `partitions/split01_train.csv` and `split01_test.csv` 14,915
and 5,085 keys; `openmic-2018-metadata.csv` artist and licence of each clip. Licence: CC BY 4.0 for the
collection; every track has its own, often with NC or ND.

- Truth: heard where `Y_true` is at least 0.5 and `Y_mask` is set, absent where it is below and the
  mask is set; whatever was not asked is unknown. Most labels are coarser than the leaves: `guitar`
  means that one of the guitars sounds, and its absence that none does.
- Split: `split01`; its training part is divided by artist.
- Group: the artist. Where an artist is in both parts, the test clips stay and the others are left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from timbre.data.clips import Clip, Meaning, one_of, sounds
from timbre.data.csv_rows import read_rows
from timbre.data.dataset import Remote, existing, meaning_of, read_json
from timbre.data.label_maps import partial_truth
from timbre.data.licenses import short_license
from timbre.data.npz_strings import read_strings
from timbre.errors import TimbreError
from timbre.taxonomy import INSTRUMENTS, OPENMIC

TITLE = "OpenMIC-2018"
HOME = "https://zenodo.org/records/1432913"
REMOTES = (Remote("zenodo:1432913/openmic-2018-v1.0.0.tgz", 2_600_000_000),)
LICENSE = "CC BY 4.0, tracks by clip"
CITATION = (
    "E. J. Humphrey, S. Durand and B. McFee, OpenMIC-2018: An Open Dataset for Multiple Instrument "
    "Recognition, ISMIR 2018."
)
N_CLIPS = 20_000


def _meaning(label: str) -> Meaning:
    leaves = [instrument.id for instrument in INSTRUMENTS if instrument.openmic == label]
    if label == "synthesizer":  # a listener is asked for synthesizers of any register
        leaves.append("synth_bass")
    return sounds(leaves[0]) if len(leaves) == 1 or label == "voice" else one_of(*leaves)


CLASSES: dict[str, Meaning] = {label: _meaning(label) for label in OPENMIC}

_HEARD = 0.5


def read(folder: Path) -> Iterator[Clip]:
    """The clips of `openmic-2018.npz`."""
    root = existing(folder / "openmic-2018")
    class_map = root / "class-map.json"
    columns: dict[str, int] = read_json(class_map)
    meanings = {column: meaning_of(label, CLASSES, class_map) for label, column in columns.items()}
    tracks = _Tracks(root / "openmic-2018-metadata.csv")
    tested = set(existing(root / "partitions" / "split01_test.csv").read_text(encoding="utf-8").split())
    arrays = existing(root / "openmic-2018.npz")
    with np.load(arrays, allow_pickle=False) as npz:
        heard, asked = npz["Y_true"], npz["Y_mask"]
    for key, shares, mask in zip(read_strings(arrays, "sample_key"), heard, asked, strict=True):
        known = np.flatnonzero(mask)
        yield Clip(
            path=f"openmic-2018/audio/{key[:3]}/{key}.ogg",
            truth=partial_truth(
                _chosen(meanings, known[shares[known] >= _HEARD]),
                _chosen(meanings, known[shares[known] < _HEARD]),
            ),
            group=tracks[key]["artist_id"],
            license=short_license(tracks[key]["license_url"]),
            kind="mix",
            part="test" if key in tested else "development",
        )


class _Tracks(dict[str, Mapping[str, str]]):
    """Artist and licence by sample key."""

    def __init__(self, table: Path):
        super().__init__()
        self._table = table
        for row in read_rows(table, ("sample_key", "artist_id", "license_url")):
            self[row["sample_key"]] = row

    def __missing__(self, key: str) -> Mapping[str, str]:
        raise TimbreError("bad_table", f"{self._table} has no row for {key}.")


def _chosen(meanings: Mapping[int, Meaning], columns: Iterable[int]) -> list[Meaning]:
    return [meanings[int(column)] for column in columns]
