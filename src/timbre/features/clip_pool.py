"""The clips that mixes are drawn from, by the leaf that each is drawn for.

Only what is known for certain is drawn: polyphonic recordings (`kind` is `mix`), and clips of which
one of several instruments sounds (`any_of`), are neither a source nor a noise.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from timbre.data.label_maps import IMPLIES
from timbre.features.phrases import is_struck, plays_with_two_hands

REAL_SHARE = 0.65  # of the draws, where a leaf has recordings and renderings
REAL_SHARES = {"voice": 0.9}  # its renderings speak: most voices in music sing
SCARCE_S = 60.0  # a leaf with so many seconds of recordings gives half of that share
MAX_NOTES = 10
RANGE_SEMITONES = 9.0  # of a tune, up and down from one of its notes
MAX_NOTES_OF_TWO_HANDS, RANGE_OF_TWO_HANDS = 18, 24.0
SHORT_S = 2.0  # shorter clips are sequenced like notes
NO_LEAF = ""  # sounds that are no instrument
_POLYPHONIC, _RENDERED, _NOTE, _STROKE = "mix", "rendered", "note", "one-shot"  # kinds


@dataclass
class _Origin:
    """The clips of one leaf: rows of recordings by group, rows of renderings by key."""

    groups: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    rendered: list[int] = field(default_factory=list)
    by_key: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    seconds: float = 0.0  # of recordings


class ClipPool:
    """Draws clips of a leaf; `index` has the rows of one split."""

    def __init__(self, index: pd.DataFrame):
        self._kinds = index["kind"].tolist()
        self._durations_s = index["duration_s"].tolist()
        is_struck = _are_struck(index)
        self._pitches = index["pitch"].mask(is_struck).to_numpy(np.float64)
        self._is_note = _are_notes(index, is_struck)
        self._origins = self._by_leaf(index)
        self._group_shares = {leaf: _square_root_shares(origin) for leaf, origin in self._origins.items()}
        self.leaves = sorted(self._origins.keys() - {NO_LEAF})

    def _by_leaf(self, index: pd.DataFrame) -> dict[str, _Origin]:
        origins: defaultdict[str, _Origin] = defaultdict(_Origin)
        columns = zip(index["present"], index["group"], index["key"], certain(index), strict=True)
        for row, (present, group, key, is_certain) in enumerate(columns):
            if not is_certain:
                continue
            origin = origins[main_leaf(list(present))]
            if self.is_rendered(row):
                origin.rendered.append(row)
                origin.by_key[key].append(row)
            else:
                origin.groups[group].append(row)
                origin.seconds += self._durations_s[row]
        return dict(origins)

    def draw(self, leaf: str, key: int, rng: np.random.Generator) -> list[int]:
        """Rows of one group: one clip to crop, or several notes to sequence, from low to high.

        Parameters
        ----------
        key
            0 (C) to 11; renderings in it are preferred. -1: any.
        """
        origin = self._origins[leaf]
        real_share = (
            REAL_SHARES.get(leaf, REAL_SHARE) * min(1.0, origin.seconds / SCARCE_S)
            if origin.rendered
            else 1.0
        )
        if not origin.groups or rng.random() >= real_share:
            return [_one_of(origin.by_key.get(key) or origin.rendered, rng)]
        group = self._draw_group(leaf, rng)
        first = _one_of(group, rng)
        if not self.is_note(first):
            return [first]
        is_wide = plays_with_two_hands(leaf)
        others = self._going_with(first, group, RANGE_OF_TWO_HANDS if is_wide else RANGE_SEMITONES)
        most = MAX_NOTES_OF_TWO_HANDS if is_wide else MAX_NOTES
        drawn = rng.choice(others, min(len(others), most - 1), replace=False).tolist()
        return sorted([first, *drawn], key=self._place)

    def _going_with(self, first: int, group: list[int], semitones: float) -> NDArray[np.int64]:
        """The other notes of the group; if they have a pitch, those within the range of a tune."""
        rows = np.array(group, dtype=np.int64)
        away = np.abs(self._pitches[rows] - self._pitches[first])
        is_near = np.isnan(self._pitches[rows]) if np.isnan(self._pitches[first]) else away <= semitones
        return rows[is_near & self._is_note[rows] & (rows != first)]

    def _place(self, row: int) -> float:
        """By pitch; as drawn where there is none."""
        return float(np.nan_to_num(self._pitches[row]))

    def pitch(self, row: int) -> float:
        """MIDI note number, or nan."""
        return float(self._pitches[row])

    def draw_takes(self, leaf: str, n: int, rng: np.random.Generator) -> list[int]:
        """At most `n` recordings of one group; none where the leaf has none."""
        if not self.has_recordings(leaf):
            return []
        names = list(self._origins[leaf].groups)
        group = self._origins[leaf].groups[names[int(rng.integers(len(names)))]]
        return [int(row) for row in rng.choice(group, min(len(group), n), replace=False)]

    def _draw_group(self, leaf: str, rng: np.random.Generator) -> list[int]:
        groups = list(self._origins[leaf].groups.values())
        return groups[int(np.searchsorted(self._group_shares[leaf], rng.random(), side="right"))]

    def has_recordings(self, leaf: str) -> bool:
        """Whether the leaf has clips that are no renderings."""
        return leaf in self._origins and bool(self._origins[leaf].groups)

    def is_rendered(self, row: int) -> bool:
        """Whether the clip is no recording."""
        return bool(self._kinds[row] == _RENDERED)

    def is_note(self, row: int) -> bool:
        """Whether the clip is one note or stroke: long ones that are no one note are playing."""
        return bool(self._is_note[row])


def _are_struck(index: pd.DataFrame) -> NDArray[np.bool_]:
    leaves = [main_leaf(list(present)) for present in index["present"]]
    return np.array([leaf != NO_LEAF and is_struck(leaf) for leaf in leaves], dtype=bool)


def _are_notes(index: pd.DataFrame, struck: NDArray[np.bool_]) -> NDArray[np.bool_]:
    is_note = (index["kind"] == _NOTE) & (struck | index["pitch"].notna())
    return np.asarray(is_note | (index["duration_s"] < SHORT_S) | (index["kind"] == _STROKE))


def certain(index: pd.DataFrame) -> list[bool]:
    """Of each row whether all of its instruments are known, so that it may be mixed."""
    any_of = index["any_of"] if "any_of" in index else [()] * len(index)
    return [
        kind != _POLYPHONIC and len(choices) == 0 for kind, choices in zip(index["kind"], any_of, strict=True)
    ]


def _square_root_shares(origin: _Origin) -> np.ndarray:
    """Running total of the groups' shares: by the square root of their clips, between one each and all."""
    totals = np.cumsum(np.sqrt([len(rows) for rows in origin.groups.values()]))
    return totals / totals[-1] if len(totals) else totals


def _one_of(rows: list[int], rng: np.random.Generator) -> int:
    return rows[int(rng.integers(len(rows)))]


def main_leaf(present: list[str]) -> str:
    """The leaf that a clip is drawn for: the kit before its pieces, the narrower before the wider."""
    if not present or "drum_kit" in present:
        return "drum_kit" if present else NO_LEAF
    wider = {leaf for narrow in present for leaf in IMPLIES.get(narrow, ())}
    return next(leaf for leaf in present if leaf not in wider)
