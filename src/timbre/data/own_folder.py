"""One's own recordings: `<folder>/<label>/**/*`, or a CSV that lists them.

Licence: the user's own; a CSV may state one for every clip. The group of a clip is what must never
be on both sides of a split: by default one source's recordings of one instrument, since they share
player, instrument, room and microphone.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast, get_args

from timbre.data.clips import Clip, Kind, Truth, sounds
from timbre.data.csv_rows import read_rows
from timbre.data.dataset import meaning_of
from timbre.data.label_maps import MEANINGS, closed_truth, narrowed, normalized, partial_truth
from timbre.errors import TimbreError
from timbre.taxonomy import BY_ID

AUDIO_SUFFIXES = (".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".webm")
KINDS: tuple[str, ...] = get_args(Kind)
NOT_STATED = "not stated"
NO_LABEL = "lies in no folder that says how it sounds"
# Collections of clips by hundreds of people: every clip is a group of its own.
EACH_CLIP_ALONE = ("fsdkaggle2018",)
# Collections whose folders are different instruments of one kind.
EACH_FOLDER_ALONE = ("karoryfer_guitars", "sullivan_e_pianos")
# Collections whose file names begin with the machine or the singer that made the sound, then `_`.
EACH_PREFIX_ALONE = ("drum_machines", "mir1k")


@dataclass(frozen=True)
class Columns:
    """Names of a CSV's columns; only path and label must be there."""

    path: str = "path"
    label: str = "label"
    source: str | None = None
    license: str | None = None
    kind: str | None = None
    ship: str | None = None
    group: str | None = None
    absent: str | None = None

    @property
    def named(self) -> list[str]:
        """Those that were named, all of which the CSV must have."""
        optional = (self.source, self.license, self.kind, self.ship, self.group, self.absent)
        return [self.path, self.label, *(name for name in optional if name)]


def list_folder(folder: Path, source: str, own_map: Mapping[str, str] | None = None) -> list[Clip]:
    """Every recording below `folder`, labelled by the first folder on its way.

    One that lies beside the folders is a clip with a problem.

    Raises
    ------
    TimbreError
        When a folder's name is mapped to no instrument, or there is no recording.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES)
    relative = [path.relative_to(folder) for path in paths]
    if not any(len(path.parts) > 1 for path in relative):
        kinds = ", ".join(suffix[1:] for suffix in AUDIO_SUFFIXES)
        message = f"There is no recording ({kinds}) in a folder of {folder}."
        raise TimbreError(
            "file_unreadable", message, "Put recordings into a folder that is named as they sound."
        )
    return [_of_folder(path, folder, source, own_map) for path in relative]


def list_csv(
    csv: Path, source: str, columns: Columns, ship_value: str, own_map: Mapping[str, str] | None = None
) -> Iterator[Clip]:
    """The recordings that a CSV lists; a cell of labels may hold several, joined by `;`.

    With a column of what is known not to sound, nothing is known of what neither column names; without
    one, nothing sounds beside the labels.

    Raises
    ------
    TimbreError
        When the CSV lacks a column or has a label or a kind that is none.
    """
    for row in read_rows(csv, columns.named):
        yield own_clip(
            Path(row[columns.path]).as_posix(),  # `./a.wav` is `a.wav`
            tuple(row[columns.label].split(";")),
            (row[columns.source] if columns.source else "") or source,
            own_map,
            file=csv,
            license=(row[columns.license] if columns.license else "") or NOT_STATED,
            kind=_kind(row[columns.kind], csv) if columns.kind else "clip",
            shippable=row[columns.ship] in ship_value.split(",") if columns.ship else True,
            group=row[columns.group] if columns.group else "",
            absent=tuple(row[columns.absent].split(";")) if columns.absent else None,
        )


def own_clip(
    path: str,
    labels: tuple[str, ...],
    source: str,
    own_map: Mapping[str, str] | None = None,
    *,
    file: Path,
    license: str = NOT_STATED,
    kind: Kind = "clip",
    shippable: bool = True,
    group: str = "",
    absent: tuple[str, ...] | None = None,
) -> Clip:
    """A recording by its source's own names for what is heard.

    Parameters
    ----------
    absent
        Names for what is known not to sound; all that is not named is unknown then. None: nothing sounds
        but what is heard.
    own_map
        A user's own names, which go before the project's: name to leaf.
    file
        Where the labels stand, for the error that names an unknown one.
    """
    meanings = MEANINGS | {name: sounds(leaf) for name, leaf in (own_map or {}).items()}
    heard, not_heard = (
        [meaning_of(normalized(label), meanings, file) for label in some] for some in (labels, absent or ())
    )
    truth = closed_truth(*heard) if absent is None else partial_truth(heard, not_heard)
    return Clip(
        path=path,
        truth=truth,
        group=f"{source}/{group}" if group else _group_of(path, labels, source, truth),
        license=license,
        kind=kind,
        dataset=source,
        shippable=shippable,
    )


def holding_none_of(clips: Iterable[Clip], held_by_none: Sequence[str]) -> Iterator[Clip]:
    """The clips, with leaves known absent that their labels leave open.

    Parameters
    ----------
    held_by_none
        `leaf`, which no clip holds whose labels do not say so, or `source:leaf` of the clips of one data set.

    Raises
    ------
    TimbreError
        When one is no leaf of the ontology.
    """
    pairs = [(source, leaf) for source, _, leaf in (named.rpartition(":") for named in held_by_none)]
    if unknown := sorted({leaf for _, leaf in pairs} - set(BY_ID)):
        message = f"There is no instrument {', '.join(unknown)}."
        raise TimbreError("bad_table", message, "Name a leaf, or a data set and a leaf: singers:choir.")
    for clip in clips:
        absent = [leaf for source, leaf in pairs if source in ("", clip.dataset)]
        yield replace(clip, truth=narrowed(clip.truth, absent))


def never_validating(clips: Iterable[Clip], sources: Collection[str]) -> list[Clip]:
    """The clips; those of `sources` are learned from or test, and validate nothing.

    Raises
    ------
    TimbreError
        When a source has no clip.
    """
    clips = list(clips)
    if unknown := sorted(set(sources) - {clip.dataset for clip in clips}):
        message = f"There is no clip of {', '.join(unknown)}."
        raise TimbreError("bad_table", message, "Name the data set as --name or the --source-column does.")
    return [replace(clip, part="train_or_test") if clip.dataset in sources else clip for clip in clips]


def read_own_map(csv: Path) -> dict[str, str]:
    """A user's names, from the columns `name` and `leaf` of a CSV.

    Raises
    ------
    TimbreError
        When a column is missing or a leaf is not in the ontology.
    """
    pairs = {normalized(row["name"]): row["leaf"] for row in read_rows(csv, ("name", "leaf"))}
    unknown = sorted(set(pairs.values()) - set(BY_ID))
    if unknown:
        message = f"{csv} names unknown instruments: {', '.join(unknown)}."
        raise TimbreError("bad_table", message, f"Timbre's are {', '.join(BY_ID)}.")
    return pairs


def _of_folder(path: Path, folder: Path, source: str, own_map: Mapping[str, str] | None) -> Clip:
    if len(path.parts) > 1:
        return own_clip(path.as_posix(), (path.parts[0],), source, own_map, file=folder / path)
    return replace(own_clip(path.name, ("",), source, file=folder / path), problem=NO_LABEL)


def _kind(stated: str, csv: Path) -> Kind:
    if stated not in KINDS:
        raise TimbreError("bad_table", f"{csv} has a kind {stated!r}.", f"Choose of {', '.join(KINDS)}.")
    return cast(Kind, stated)


def _group_of(path: str, labels: tuple[str, ...], source: str, truth: Truth) -> str:
    """Everything that shares a player, instrument or room with this clip carries the same group."""
    place = Path(path)
    if source in EACH_CLIP_ALONE:
        return f"{source}/{place.with_suffix('')}"
    if source in EACH_FOLDER_ALONE:
        return f"{source}/{place.parent.name}"
    if source in EACH_PREFIX_ALONE:
        return f"{source}/{place.stem.partition('_')[0]}"
    if labels == ("",):  # takes of one object are numbered: balloon1, balloon2 ...
        return f"{source}/no_instrument/{re.sub(r'[^a-z]+.*$', '', place.stem.lower())}"
    return f"{source}/{'+'.join(truth.present) or '+'.join(labels)}"
