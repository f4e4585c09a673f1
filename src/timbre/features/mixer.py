"""Drawing mixes: which instruments, which of their clips, how loud.

Clips are chosen by complementary bands: of a few candidates the one whose energy lies where the
clips chosen so far have least. `mixer="random"` takes the first candidate and is the control.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from timbre.data.label_maps import IMPLIES
from timbre.features.bands import BAND_NAMES, overlap
from timbre.features.ensembles import DRUM_PIECES, ENSEMBLES
from timbre.features.mix_plan import Manner, MixPlan, SourcePlan
from timbre.taxonomy import BY_ID

MIXERS = ("complementary", "random")
SOLO_SHARE = 0.34
NO_INSTRUMENT_SHARE = 0.10
ENSEMBLE_SHARE = 0.5
SOURCES_IN_MIX, SOURCES_SHARES = (2, 3, 4, 5), (0.35, 0.3, 0.2, 0.15)
GAIN_DB = (-15.0, 0.0)
REAL_SHARE = 0.65  # of the draws, where a leaf has recordings and renderings
SCARCE_S = 60.0  # a leaf with so many seconds of recordings gives half of that share
ONE_KEY_SHARE = 0.5
CANDIDATES = 3
MAX_NOTES = 8
SHORT_S = 2.0  # shorter clips are sequenced like notes
SPEED_SHARE, SPEED_SEMITONES = 0.4, 3.0
NOISE_BED_SHARE, NOISE_BED_DB = 0.3, (-45.0, -18.0)
ROOM_SHARE = 0.4
COMMON = {"voice": 3.0, "piano": 2.0, "acoustic_guitar": 2.0, "electric_guitar": 2.0, "drum_kit": 2.0}


@dataclass
class _Origin:
    """The clips of one leaf: rows of recordings by group, rows of renderings by key."""

    groups: dict[str, list[int]] = field(default_factory=dict)
    rendered: list[int] = field(default_factory=list)
    seconds: float = 0.0


class Mixer:
    """Draws plans from the clips of one split.

    Parameters
    ----------
    index
        Rows of one split, with `length` and the bands of `material.decode_table`.
    vary_speed
        Whether real clips are played faster or slower by chance (for training alone).
    """

    def __init__(self, index: pd.DataFrame, *, mixer: str = "complementary", vary_speed: bool = True):
        self._index = index.reset_index(drop=True)
        self._candidates = CANDIDATES if mixer == "complementary" else 1
        self._vary_speed = vary_speed
        self._ids = self._index["clip_id"].tolist()
        self._keys = self._index["key"].tolist()
        self._kinds = self._index["kind"].tolist()
        self._durations_s = self._index["duration_s"].tolist()
        self._profiles = self._index[[f"band_{name}" for name in BAND_NAMES]].to_numpy(np.float32)
        self._origins = self._by_leaf()
        self._noise = self._origins.pop("", _Origin())
        self.leaves = sorted(self._origins)

    def _by_leaf(self) -> dict[str, _Origin]:
        origins: dict[str, _Origin] = {}
        columns = zip(self._index["present"], self._index["group"], strict=True)
        for row, (present, group) in enumerate(columns):
            origin = origins.setdefault(main_leaf(list(present)), _Origin())
            if self._kinds[row] == "rendered":
                origin.rendered.append(row)
            else:
                origin.groups.setdefault(group, []).append(row)
                origin.seconds += self._durations_s[row]
        return origins

    def plan(self, mix_id: str, seed: int) -> MixPlan:
        """One mix, the same for the same seed and clips."""
        rng = np.random.default_rng(seed)
        if rng.random() < NO_INSTRUMENT_SHARE:
            return self._plan_without_instrument(mix_id, seed, rng)
        key = int(rng.integers(12)) if rng.random() < ONE_KEY_SHARE else -1
        beat_s = 60.0 / rng.uniform(60.0, 180.0)
        sources: list[SourcePlan] = []
        profiles: list[np.ndarray] = []
        for leaf in self._draw_leaves(rng):
            if leaf == "drum_kit" and self._can_build_kit() and rng.random() < 0.5:
                sources += self._draw_kit(beat_s, rng)
            else:
                source, profile = self._draw_source(leaf, key, beat_s, profiles, rng)
                sources.append(source)
                profiles.append(profile)
        bed = self._draw_noise(rng) if rng.random() < NOISE_BED_SHARE else ()
        return MixPlan(
            mix_id,
            seed,
            tuple(sources),
            noise_clips=bed,
            coloured_noise=bool(rng.random() < NOISE_BED_SHARE / 2),
            noise_gain_db=float(rng.uniform(*NOISE_BED_DB)),
            room=bool(rng.random() < ROOM_SHARE),
        )

    def _plan_without_instrument(self, mix_id: str, seed: int, rng: np.random.Generator) -> MixPlan:
        kind = rng.choice(["recorded", "coloured", "both", "silence"], p=[0.6, 0.2, 0.1, 0.1])
        recorded = self._draw_noise(rng) if kind in ("recorded", "both") else ()
        coloured = bool(kind in ("coloured", "both"))
        return MixPlan(mix_id, seed, (), recorded, coloured, 0.0, room=bool(rng.random() < ROOM_SHARE))

    def _draw_noise(self, rng: np.random.Generator) -> tuple[str, ...]:
        """One to three takes of one thing that is no instrument."""
        if not self._noise.groups:
            return ()
        group = self._noise.groups[str(rng.choice(list(self._noise.groups)))]
        n = min(len(group), int(rng.integers(1, 4)))
        return tuple(self._ids[row] for row in rng.choice(group, n, replace=False))

    def _draw_leaves(self, rng: np.random.Generator) -> list[str]:
        solo = rng.random() < SOLO_SHARE
        n = 1 if solo else int(rng.choice(SOURCES_IN_MIX, p=SOURCES_SHARES))
        weights = np.array([COMMON.get(leaf, 1.0) for leaf in self.leaves])
        if not solo and rng.random() < ENSEMBLE_SHARE:
            ensemble = ENSEMBLES[str(rng.choice(list(ENSEMBLES)))]
            weights = np.array([ensemble.get(leaf, 0.0) for leaf in self.leaves])
        n = min(n, int((weights > 0).sum()))
        if n == 0:
            return [str(rng.choice(self.leaves))]
        return [str(leaf) for leaf in rng.choice(self.leaves, n, replace=False, p=weights / weights.sum())]

    def _draw_source(
        self, leaf: str, key: int, beat_s: float, profiles: list[np.ndarray], rng: np.random.Generator
    ) -> tuple[SourcePlan, np.ndarray]:
        candidates = [self._draw_clips(leaf, key, rng) for _ in range(self._candidates if profiles else 1)]
        shared = [sum(overlap(self._profiles[rows[0]], other) for other in profiles) for rows in candidates]
        rows = candidates[int(np.argmin(shared))]
        source = self._source(leaf, rows, "phrase" if self._is_short(rows[0]) else "crop", beat_s, rng)
        return source, self._profiles[rows[0]]

    def _draw_clips(self, leaf: str, key: int, rng: np.random.Generator) -> list[int]:
        """Rows of one group: one clip to crop or several notes to sequence."""
        origin = self._origins[leaf]
        real_share = REAL_SHARE * min(1.0, origin.seconds / SCARCE_S) if origin.rendered else 1.0
        if not origin.groups or rng.random() >= real_share:
            in_key = [row for row in origin.rendered if self._keys[row] == key]
            return [int(rng.choice(in_key or origin.rendered))]
        names = list(origin.groups)
        weights = np.sqrt([len(origin.groups[name]) for name in names])
        group = origin.groups[names[int(rng.choice(len(names), p=weights / weights.sum()))]]
        first = int(rng.choice(group))
        if not self._is_short(first):
            return [first]
        notes = [row for row in group if self._is_short(row)]
        return [first, *map(int, rng.choice(notes, min(len(notes), MAX_NOTES) - 1, replace=False))]

    def _is_short(self, row: int) -> bool:
        return self._kinds[row] in ("note", "one-shot") or self._durations_s[row] < SHORT_S

    def _source(
        self, leaf: str, rows: list[int], manner: Manner, beat_s: float, rng: np.random.Generator
    ) -> SourcePlan:
        vary = self._vary_speed and self._kinds[rows[0]] != "rendered" and rng.random() < SPEED_SHARE
        semitones = rng.uniform(-SPEED_SEMITONES, SPEED_SEMITONES) if vary else 0.0
        return SourcePlan(
            leaf,
            tuple(self._ids[row] for row in rows),
            manner,
            gain_db=float(rng.uniform(*GAIN_DB)),
            beat_s=beat_s,
            speed=float(2.0 ** (semitones / 12.0)),
            seed=int(rng.integers(2**31)),
        )

    def _can_build_kit(self) -> bool:
        return all(
            leaf in self._origins and self._origins[leaf].groups for leaf in ("kick_drum", "snare_drum")
        )

    def _draw_kit(self, beat_s: float, rng: np.random.Generator) -> list[SourcePlan]:
        """A kit of single strokes: kick, snare, something that keeps time, perhaps more."""
        time_keepers = [leaf for leaf in DRUM_PIECES[2:6] if leaf in self._origins]
        pieces = ["kick_drum", "snare_drum", *([str(rng.choice(time_keepers))] if time_keepers else [])]
        pieces += [leaf for leaf in ("tom", "cymbal") if leaf in self._origins and rng.random() < 0.25]
        unique = dict.fromkeys(pieces)
        return [
            self._source(leaf, self._draw_clips(leaf, -1, rng)[:1], "beat", beat_s, rng) for leaf in unique
        ]


def main_leaf(present: list[str]) -> str:
    """The leaf that a clip is drawn for: the kit before its pieces, the narrower before the wider."""
    if not present or "drum_kit" in present:
        return "drum_kit" if present else ""
    wider = {leaf for narrow in present for leaf in IMPLIES.get(narrow, ())}
    return next(leaf for leaf in present if leaf not in wider)


def is_drum_piece(leaf: str) -> bool:
    """Whether the leaf is a part of a drum kit."""
    return leaf in DRUM_PIECES or leaf == "tr808_kick_drum"


def is_percussion(leaf: str) -> bool:
    """Whether strokes ring out and are never chords."""
    return BY_ID[leaf].family == "percussion"
