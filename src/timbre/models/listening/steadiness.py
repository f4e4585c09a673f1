"""Whether an instrument that plays on stays named, and how soon it is named after it came in."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from timbre.models.listening.heard import Heard
from timbre.models.listening.scores import Truths
from timbre.models.listening.seconds import SecondTruth
from timbre.models.metrics import Bools
from timbre.models.scores import rounded

MIN_PASSAGE_S = 4
ENTRY_S = 1  # an entry is met if the label is named in its first second or so many later


@dataclass(frozen=True)
class _Passage:
    """Seconds in which one label sounds throughout.

    `named` says in which of them the tagger names it; `enters`: it did surely not sound just before.
    """

    named: Bools
    enters: bool


def steadiness(heard: list[Heard], truths: Truths) -> dict[str, float | None]:
    """Of all passages of at least `MIN_PASSAGE_S` in songs whose score is known.

    A tagger that never changes its mind has as many changes as passages that it names late or leaves early;
    one that names nothing has none, so the share of seconds named stands beside them.
    """
    passages = [p for row, (truth, _) in truths.items() for p in _passages(truth, heard[row])]
    seconds = sum(len(one.named) for one in passages)
    changes = sum(int((one.named[1:] != one.named[:-1]).sum()) for one in passages)
    entries = [one.named[: ENTRY_S + 1].any() for one in passages if one.enters]
    return {
        "passages": len(passages),
        "named_share": rounded(sum(int(one.named.sum()) for one in passages) / seconds) if seconds else None,
        "changes_a_minute": rounded(60 * changes / seconds) if seconds else None,
        "entries": len(entries),
        "met_entries_share": rounded(float(np.mean(entries))) if entries else None,
    }


def _passages(truth: SecondTruth, heard: Heard) -> Iterator[_Passage]:
    assert heard.named is not None  # of a tagger with thresholds
    n = min(len(truth.targets), len(heard.named))
    for label in range(truth.targets.shape[1]):
        sounding = np.concatenate([[False], truth.targets[:n, label], [False]])
        starts, ends = np.flatnonzero(sounding[1:] != sounding[:-1]).reshape(-1, 2).T
        for start, end in zip(starts, ends, strict=True):
            if end - start >= MIN_PASSAGE_S:
                enters = start > 0 and bool(truth.known[start - 1, label])
                yield _Passage(heard.named[start:end, label], enters)
