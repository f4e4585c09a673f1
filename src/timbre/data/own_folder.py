"""One's own recordings into the metadata table: `<folder>/<label>/**/*`, or a CSV that lists them.

Licence: the user's own; a CSV may state one for every clip. The group of a clip is what must never
be on both sides of a split: by default one source's recordings of one instrument, since they share
player, instrument, room and microphone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import soundfile as sf
from joblib import Parallel, delayed
from tqdm import tqdm

from timbre.data.label_maps import NO_INSTRUMENT, Truth, UnmappedLabel, normalized, truth_of
from timbre.data.parallel import n_jobs
from timbre.errors import TimbreError
from timbre.files import file_sha256
from timbre.taxonomy import BY_ID

AUDIO_SUFFIXES = (".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a")
# Collections of clips by hundreds of people: every clip is a group of its own.
EACH_CLIP_ALONE = ("fsdkaggle2018",)
# Collections whose folders are different instruments of one kind.
EACH_FOLDER_ALONE = ("karoryfer_guitars", "sullivan_e_pianos")
# Collections whose file names begin with the machine that made the sound, then `_`.
EACH_PREFIX_ALONE = ("drum_machines",)


@dataclass(frozen=True)
class Columns:
    """Names of a CSV's columns; only the path's must be there."""

    path: str = "path"
    label: str = "label"
    source: str | None = None
    license: str | None = None
    kind: str | None = None
    ship: str | None = None


@dataclass(frozen=True)
class Clip:
    """A recording as its folder or CSV describes it; `labels` are the source's own names."""

    path: str  # relative to the folder
    labels: tuple[str, ...]
    source: str
    license: str = "not stated"
    kind: str = "clip"
    shippable: bool = True


def list_folder(folder: Path, source: str) -> list[Clip]:
    """Every recording below `folder`, labelled by the first folder on its way."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES)
    relative = [path.relative_to(folder) for path in paths]
    return [Clip(str(path), (path.parts[0],), source) for path in relative if len(path.parts) > 1]


def list_csv(csv: Path, source: str, columns: Columns, ship_value: str) -> list[Clip]:
    """The recordings that a CSV lists; a cell of labels may hold several, joined by `;`."""
    rows = pd.read_csv(csv, dtype=str, keep_default_na=False)
    wanted = [columns.path, columns.label, columns.source, columns.license, columns.kind, columns.ship]
    missing = [name for name in wanted if name and name not in rows]
    if missing:
        raise TimbreError(
            "bad_request", f"{csv.name} has no column {', '.join(missing)}.", "Name its columns."
        )
    return [_clip_of_row(row, source, columns, ship_value) for row in rows.to_dict("records")]


def read_own_map(csv: Path) -> dict[str, str]:
    """A user's names: the first two columns of a CSV are the source's name and the leaf.

    Raises
    ------
    TimbreError
        When a leaf is not in the ontology.
    """
    rows = pd.read_csv(csv, dtype=str, keep_default_na=False)
    pairs = {normalized(name): leaf for name, leaf in zip(rows.iloc[:, 0], rows.iloc[:, 1], strict=True)}
    unknown = sorted(set(pairs.values()) - set(BY_ID))
    if unknown:
        raise TimbreError("bad_request", f"{csv.name} names unknown instruments: {', '.join(unknown)}.")
    return pairs


def _clip_of_row(row: Mapping[str, str], source: str, columns: Columns, ship_value: str) -> Clip:
    return Clip(
        path=row[columns.path],
        labels=tuple(row[columns.label].split(";")),
        source=row[columns.source] if columns.source else source,
        license=row[columns.license] if columns.license else "not stated",
        kind=row[columns.kind] if columns.kind else "clip",
        shippable=row[columns.ship] == ship_value if columns.ship else True,
    )


def table_of(folder: Path, clips: Iterable[Clip], own_map: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Rows of the metadata table, `split` still empty; reads every file once for length and digest.

    Raises
    ------
    TimbreError
        When a label is unmapped or a file is missing or not readable, with its name.
    """
    clips = list(clips)
    truths = [_truth(clip, own_map) for clip in clips]
    facts = Parallel(n_jobs(len(clips)))(
        delayed(_facts)(folder / clip.path) for clip in tqdm(clips, "reading")
    )
    rows = []
    for clip, truth, fact in zip(clips, truths, facts, strict=True):
        if fact is None:
            raise TimbreError("file_unreadable", f"{clip.path} ({clip.source}) cannot be read as audio.")
        rows.append(_row(folder, clip, truth, *fact))
    return pd.DataFrame(rows)


def _truth(clip: Clip, own_map: Mapping[str, str] | None) -> Truth:
    try:
        return truth_of(list(clip.labels), own_map)
    except UnmappedLabel as error:
        raise TimbreError(
            "bad_request",
            f"The label {error.args[0]!r} of {clip.path} ({clip.source}) is not mapped to an instrument.",
            "Add it to src/timbre/data/label_maps.py or give a CSV of names with --labels.",
        ) from None


def _facts(path: Path) -> tuple[float, str] | None:
    """Seconds and digest of a recording; None where it cannot be read."""
    try:
        return sf.info(path).duration, file_sha256(path)
    except (OSError, sf.LibsndfileError):
        return None


def _row(folder: Path, clip: Clip, truth: Truth, duration_s: float, sha256: str) -> dict[str, object]:
    return {
        "clip_id": f"{clip.source}:{clip.path}",
        "path": clip.path,
        "dataset": clip.source,
        "present": list(truth.present),
        "absent": list(truth.absent),
        "group": group_of(clip, truth),
        "split": "",
        "license": clip.license,
        "duration_s": duration_s,
        "sha256": sha256,
        "root": str(folder.resolve()),
        "kind": clip.kind,
        "shippable": clip.shippable,
        "key": -1,
    }


def group_of(clip: Clip, truth: Truth) -> str:
    """Everything that shares a player, instrument or room with this clip carries the same group."""
    path = Path(clip.path)
    if clip.source in EACH_CLIP_ALONE:
        return f"{clip.source}/{path.with_suffix('')}"
    if clip.source in EACH_FOLDER_ALONE:
        return f"{clip.source}/{path.parent.name}"
    if clip.source in EACH_PREFIX_ALONE:
        return f"{clip.source}/{path.stem.partition('_')[0]}"
    if clip.labels == (NO_INSTRUMENT,):  # takes of one object are numbered: balloon1, balloon2 ...
        return f"{clip.source}/no_instrument/{re.sub(r'[^a-z]+.*$', '', path.stem.lower())}"
    return f"{clip.source}/{'+'.join(truth.present) or '+'.join(clip.labels)}"
