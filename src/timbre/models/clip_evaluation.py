"""A checkpoint scored on the clips of a data set, or on rendered windows, as the service would answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from timbre.data.table import read_clips
from timbre.errors import TimbreError
from timbre.features.windows import Windows
from timbre.models.clip_probabilities import Pooling, tag_clips
from timbre.models.clip_truth import LeafTruth, Members, level_members, truth_of_rows, truth_of_windows
from timbre.models.metrics import Floats
from timbre.models.scores import Answers, score
from timbre.models.tagged_song import level_thresholds
from timbre.models.tagger import BATCH_SIZE, Tagger
from timbre.taxonomy import LEVELS, level_labels, to_level

ALL, WINDOWS = "all", "windows"  # names in the place of a data set


@dataclass(frozen=True)
class Evaluated:
    """Clips with what the model says of them and what is true.

    Attributes
    ----------
    probabilities
        By level, `(n, n_labels)` in the order of `level_labels`.
    problems
        Sentences about clips that could not be tagged; they are not among the others.
    """

    tagger: Tagger
    truth: LeafTruth
    probabilities: dict[str, Floats]
    groups: list[str]
    problems: list[str]

    def answers(
        self, level: str, members: Members | None = None, labels: Sequence[str] | None = None
    ) -> Answers:
        """The clips at one level.

        Parameters
        ----------
        members
            Leaves of each label, where a data set draws its lines otherwise than the ontology.
        labels
            Those to score; by default those that the model reaches. One that it does not reach is never
            named: its probability is 0.
        """
        reached = level_labels(self.tagger.labels, level)
        wanted = tuple(labels or reached)
        targets, known = self.truth.at(wanted, members or level_members(level))
        thresholds = dict(
            zip(reached, level_thresholds(self.tagger.thresholds, self.tagger.labels, level), strict=True)
        )
        columns = dict(zip(reached, self.probabilities[level].T, strict=True))
        return Answers(
            labels=wanted,
            probabilities=np.stack([columns.get(name, np.zeros(len(targets))) for name in wanted], axis=1),
            thresholds=np.array([thresholds.get(name, 1.0) for name in wanted]),
            targets=targets,
            known=known,
            groups=self.groups,
        )

    def scores(self, levels: Sequence[str]) -> dict[str, Any]:
        """Scores at each level that the model reaches."""
        reached = [level for level in levels if level_labels(self.tagger.labels, level)]
        return {level: score(self.answers(level)) for level in reached}


def evaluate_data_set(
    model: Path,
    table_dir: Path,
    name: str,
    split: str,
    *,
    pooling: Pooling = "mean",
    scheduler: str | None = None,
) -> Evaluated:
    """Tag the clips of a data set's split.

    Parameters
    ----------
    name
        A data set of the table, or `ALL`.

    Raises
    ------
    TimbreError
        When the table holds no such clip, or none of them can be tagged.
    """
    rows = _rows(read_clips(table_dir), name, split)
    clips = tag_clips(model.resolve(), rows, table_dir, pooling, scheduler)
    usable = np.array([not clip.problem for clip in clips])
    pairs = zip(rows["path"], clips, strict=True)
    problems = [f"{path}: {clip.problem}" for path, clip in pairs if clip.problem]
    if not usable.any():
        raise TimbreError("file_unreadable", f"No clip could be tagged; the first: {problems[0]}")
    good = [clip.probabilities for clip in clips if not clip.problem]
    return Evaluated(
        tagger=Tagger(model),
        truth=truth_of_rows(rows[usable]),
        probabilities={level: np.array([clip[level] for clip in good]) for level in good[0]},
        groups=[str(group) for group in rows.loc[usable, "group"]],
        problems=problems,
    )


def _rows(table: pd.DataFrame, name: str, split: str) -> pd.DataFrame:
    rows = table if name == ALL else table[table["dataset"] == name]
    if rows.empty:
        names = ", ".join([*sorted(set(table["dataset"])), ALL, WINDOWS])
        raise TimbreError(
            "bad_request",
            f"The table has no data set {name}.",
            f"Choose of {names}, or a folder with a manifest.csv.",
        )
    rows = rows[rows["split"] == split]
    if rows.empty:
        raise TimbreError("bad_request", f"{name} has no clip in {split}.", "Choose another --split.")
    return rows.reset_index(drop=True)


def evaluate_windows(model: Path, folder: Path) -> Evaluated:
    """Answers for the rendered mixes of a split; each mix is a group of its own.

    Raises
    ------
    TimbreError
        When there are none.
    """
    windows, tagger = Windows(folder), Tagger(model)
    if not len(windows):
        raise TimbreError("bad_windows", f"{folder} holds no windows.")
    numbers = np.arange(len(windows))
    batches = [numbers[start : start + BATCH_SIZE] for start in numbers[::BATCH_SIZE]]
    rows = np.concatenate([tagger.probabilities(windows.batch(b).astype(np.float32)) for b in batches])
    return Evaluated(
        tagger=tagger,
        truth=truth_of_windows(windows.targets > 0, windows.known > 0, windows.any_of > 0, windows.labels),
        probabilities={level: to_level(rows, tagger.labels, level)[1] for level in LEVELS},
        groups=[str(number) for number in numbers],
        problems=[],
    )
