"""Freesound: whatever `timbre data freesound` fetched, with the label that the user gave to each query.

Previews as mp3, of any length; `clips.csv` beside them (path, label, license, username, url, id, ...) and
their attribution in `ATTRIBUTION.md`. Licence: by clip.

- Truth: what the query was for sounds (several, joined by `;`, where several found it). Nobody has
  listened for anything else, so that is unknown.
- Split and group: who uploaded it, since one person's sounds share room and microphone.
"""

from collections.abc import Iterator
from pathlib import Path

from timbre.data.clips import Clip, Meaning
from timbre.data.csv_rows import read_rows
from timbre.data.dataset import Remote, meaning_of
from timbre.data.label_maps import MEANINGS, normalized, partial_truth
from timbre.data.licenses import short_license

TITLE = "Freesound"
HOME = "https://freesound.org"
REMOTES: tuple[Remote, ...] = ()
LICENSE = "by clip"
CITATION = "Freesound, Music Technology Group, Universitat Pompeu Fabra, https://freesound.org."
N_CLIPS: int | None = None
CLASSES: dict[str, Meaning] = MEANINGS


def read(folder: Path) -> Iterator[Clip]:
    """The clips that were fetched so far."""
    table = folder / "clips.csv"
    for row in read_rows(table, ("path", "label", "license", "username", "id")):
        names = row["label"].split(";")  # of every query that found it
        yield Clip(
            path=row["path"],
            truth=partial_truth([meaning_of(normalized(name), CLASSES, table) for name in names]),
            group=row["username"],
            license=short_license(row["license"]),
            kind="clip",
            recording=f"freesound:{row['id']}",
        )
