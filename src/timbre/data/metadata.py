"""Rows of the metadata table from the clips that a reader found, and what could not be used of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import pandas as pd

from timbre.data.clips import Clip
from timbre.data.dataset import DataSet
from timbre.data.datasets import DATA_SETS
from timbre.data.dictionary import COLUMNS
from timbre.data.file_facts import FileFacts, examined
from timbre.data.problems import Problem
from timbre.data.raw_folder import RESERVED
from timbre.errors import TimbreError

LISTED_TWICE = "listed twice, the first time counts"
OUTSIDE = "its path is absolute, or leads out of the folder"


@dataclass(frozen=True)
class Collected:
    """Names, rows and problems of the data sets that were read, and the errors of the others."""

    names: list[str]
    rows: list[pd.DataFrame]
    problems: list[Problem]
    failures: dict[str, TimbreError]


def downloaded(raw: Path, names: Sequence[str] = ()) -> list[DataSet]:
    """The data sets of these names, or all that have something in their folder below `raw`.

    Raises
    ------
    TimbreError
        When a name is unknown or nothing is there for it.
    """
    there = [data_set for data_set in DATA_SETS.values() if _has_content(raw / data_set.name)]
    if not names:
        return there
    unknown = sorted(set(names) - set(DATA_SETS))
    if unknown:
        raise TimbreError(
            "bad_request", f"There is no data set {', '.join(unknown)}.", f"Choose of {', '.join(DATA_SETS)}."
        )
    absent = sorted(set(names) - {data_set.name for data_set in there})
    if absent:
        raise TimbreError(
            "file_unreadable", f"{', '.join(absent)} is not in {raw}.", "Run `timbre data download` first."
        )
    return [data_set for data_set in there if data_set.name in names]


def _has_content(folder: Path) -> bool:
    return folder.is_dir() and any(path.name not in RESERVED for path in folder.iterdir())


def table_of(
    folder: Path, clips: Iterable[Clip], log: Path | None = None, scheduler: str | None = None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Rows of the table, `split` still empty, and the clips whose files cannot be used.

    Parameters
    ----------
    log
        File of the facts that are known of earlier runs; see `timbre.data.file_facts`.
    """
    clips, folder = list(clips), folder.resolve()
    paths = (folder / clip.path for clip in clips if not _told_problem(clip))
    facts = examined(paths, log, scheduler, f"checking {folder.name}")
    rows: dict[str, dict[str, object]] = {}
    problems = []
    for clip in clips:
        told = LISTED_TWICE if clip.clip_id in rows else _told_problem(clip)
        fact = FileFacts("", problem=told) if told else facts[str(folder / clip.path)]
        if fact.problem:
            problems.append(Problem(clip.dataset, _encodable(clip.path), fact.problem))
        else:
            rows[clip.clip_id] = _row(folder, clip, fact)
    return pd.DataFrame(list(rows.values()), columns=list(COLUMNS)), problems


def read_data_sets(
    data_sets: Iterable[DataSet], raw: Path, log: Path, scheduler: str | None = None
) -> Collected:
    """The clips of several data sets; one that cannot be read does not stop the others."""
    collected = Collected([], [], [], {})
    for data_set in data_sets:
        folder = raw / data_set.name
        try:
            rows, problems = table_of(folder, data_set.clips(folder), log, scheduler)
        except TimbreError as error:
            collected.failures[data_set.name] = error
            continue
        collected.names.append(data_set.name)
        collected.rows.append(rows)
        collected.problems.extend([*problems, *_count_problem(data_set, len(rows) + len(problems))])
    return collected


def _told_problem(clip: Clip) -> str:
    """What keeps a clip out before anybody looks at its file."""
    return clip.problem or (OUTSIDE if _leads_out(clip.path) else "")


def _leads_out(path: str) -> bool:
    """A list of clips names what lies in its folder and nothing else on this disk."""
    place = PurePath(path)
    return place.is_absolute() or ".." in place.parts


def _encodable(path: str) -> str:
    """A path as it can be written down, even one whose bytes are no UTF-8."""
    return path.encode(errors="backslashreplace").decode()


def _count_problem(data_set: DataSet, n_found: int) -> list[Problem]:
    """A word if a data set says that it has another number of clips than were found."""
    if data_set.n_clips in (None, n_found):
        return []
    return [Problem(data_set.name, "", f"{n_found:,} clips found, {data_set.n_clips:,} published")]


def _row(folder: Path, clip: Clip, fact: FileFacts) -> dict[str, object]:
    truth = clip.truth
    return {
        "clip_id": clip.clip_id,
        "path": clip.path,
        "dataset": clip.dataset,
        "present": list(truth.present),
        "absent": list(truth.absent),
        "any_of": ["|".join(leaves) for leaves in truth.any_of],
        "group": clip.group,
        "split": "",
        "license": clip.license,
        "duration_s": fact.duration_s,
        "sha256": fact.sha256,
        "root": str(folder),
        "kind": clip.kind,
        "shippable": clip.shippable,
        "key": -1,
        "part": clip.part,
        "recording": clip.recording,
    }
