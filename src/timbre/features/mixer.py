"""Drawing mixes: which instruments, which of their clips, how loud, in what kind of recording.

Clips are chosen by complementary bands: of a few candidates the one whose energy lies where the
clips chosen so far have least. `mixer="random"` takes the first candidate and is the control.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from timbre.features.bands import BAND_NAMES, overlap
from timbre.features.clip_pool import NO_LEAF, ClipPool
from timbre.features.effects.chain import draw_effects, draw_source_effects
from timbre.features.ensembles import WILDCARD, Ensemble, Variant, possible, read_ensembles
from timbre.features.mix_plan import Manner, MixPlan, NoisePlan, SourcePlan
from timbre.features.scales import SCALES, to_scale
from timbre.taxonomy import DRUM_KIT, KIT_PIECES

SOLO_SHARE = 0.34
NO_INSTRUMENT_SHARE = 0.10
SOURCES_IN_MIX, SOURCES_SHARES = (2, 3, 4, 5), (0.35, 0.3, 0.2, 0.15)
GAIN_DB = (-15.0, 0.0)
ONE_KEY_SHARE = 0.5
CANDIDATES = 3
SPEED_SHARE, SPEED_SEMITONES = 0.4, 3.0
SLICE_SHARE, SLICES = 0.05, (3, 9)  # of the crops
NOISE_CLIPS = (1, 4)  # takes of one thing
NOISE_BED_SHARE, SNR_DB = 0.3, (18.0, 45.0)
COLOURED_SHARE, SLOPE_DB = 0.15, (0.0, 9.0)  # the fall an octave
LEVEL_DB = (-42.0, -12.0)  # between a quiet passage and a mastered song
TEMPO_BPM = (60.0, 180.0)
_KIT_CORE, _TIME_KEEPERS, _KIT_EXTRAS = KIT_PIECES[:2], KIT_PIECES[2:6], ("tom", "cymbal")
BUILT_KIT_SHARE, KIT_EXTRA_SHARE = 0.5, 0.25


class Mixer:
    """Draws plans from the clips of one split.

    Parameters
    ----------
    index
        Rows of one split, with `length` and the bands of `material.decode_table`.
    vary
        Whether sources are played faster or slower, sliced, or heard in a place and through a microphone of
        their own, by chance (for training alone).

    Attributes
    ----------
    leaves
        What there are clips of.
    skipped
        A sentence for every ensemble that these leaves cannot form.
    """

    def __init__(
        self,
        index: pd.DataFrame,
        *,
        mixer: str = "complementary",
        vary: bool = True,
        ensembles: Sequence[Ensemble] | None = None,
    ):
        self.index = index.reset_index(drop=True)
        self._pool = ClipPool(self.index)
        self.leaves = self._pool.leaves
        self._candidates = CANDIDATES if mixer == "complementary" else 1
        self._vary = vary
        self._ids = self.index["clip_id"].tolist()
        self._profiles = self.index[[f"band_{name}" for name in BAND_NAMES]].to_numpy(np.float32)
        wanted = read_ensembles() if ensembles is None else ensembles
        self._ensembles, self.skipped = possible(wanted, self.leaves)
        self._solo_weights = self._weights_of_soloists(wanted)

    def _weights_of_soloists(self, ensembles: Sequence[Ensemble]) -> NDArray[np.float64]:
        variants = [v for ensemble in ensembles if ensemble.name == WILDCARD for v in ensemble.variants]
        weights = sum((v.weights_of(self.leaves) for v in variants), np.zeros(len(self.leaves)))
        return weights if np.any(weights) else np.ones(len(self.leaves))

    def plan(self, mix_id: str, seed: int) -> MixPlan:
        """One mix, the same for the same seed and clips."""
        rng = np.random.default_rng(seed)
        if not self.leaves or rng.random() < NO_INSTRUMENT_SHARE:
            sources, noise = [], self._draw_only_noise(rng)
        else:
            sources, noise = self._draw_sources(rng), self._draw_noise_bed(rng)
        level_db = float(rng.uniform(*LEVEL_DB))
        return MixPlan(mix_id, tuple(sources), noise, draw_effects(rng), level_db)

    def _draw_sources(self, rng: np.random.Generator) -> list[SourcePlan]:
        key = int(rng.integers(12)) if rng.random() < ONE_KEY_SHARE else -1
        beat_s = 60.0 / rng.uniform(*TEMPO_BPM)
        sources: list[SourcePlan] = []
        profiles: list[NDArray[np.float32]] = []
        for leaf in self._draw_leaves(rng):
            if leaf == DRUM_KIT and self._can_build_kit() and rng.random() < BUILT_KIT_SHARE:
                kit = self._draw_kit(beat_s, rng)
                sources += [source for source, _ in kit]
                profiles += [self._profiles[row] for _, row in kit]
            else:
                rows = self._draw_clips(leaf, key, profiles, rng)
                manner: Manner = "phrase" if self._pool.is_note(rows[0]) else "crop"
                source = self._source(leaf, rows, manner, beat_s, rng)
                sources.append(self._in_scale(source, rows, key, rng))
                profiles.append(self._profiles[rows[0]])
        return sources

    def _draw_only_noise(self, rng: np.random.Generator) -> NoisePlan | None:
        """For a mix without an instrument; None is silence."""
        kind = rng.choice(["recorded", "coloured", "both", "silence"], p=[0.6, 0.2, 0.1, 0.1])
        return self._noise(kind in ("recorded", "both"), kind in ("coloured", "both"), rng)

    def _draw_noise_bed(self, rng: np.random.Generator) -> NoisePlan | None:
        return self._noise(rng.random() < NOISE_BED_SHARE, rng.random() < COLOURED_SHARE, rng)

    def _noise(self, recorded: bool, coloured: bool, rng: np.random.Generator) -> NoisePlan | None:
        rows = self._pool.draw_takes(NO_LEAF, int(rng.integers(*NOISE_CLIPS)), rng) if recorded else []
        slope_db = float(rng.uniform(*SLOPE_DB)) if coloured else None
        if not rows and slope_db is None:
            return None
        clips = tuple(self._ids[row] for row in rows)
        return NoisePlan(clips, slope_db, float(rng.uniform(*SNR_DB)), int(rng.integers(2**31)))

    def _draw_leaves(self, rng: np.random.Generator) -> list[str]:
        if rng.random() < SOLO_SHARE or not self._ensembles:
            n, weights = 1, self._solo_weights
        else:
            variant = self._draw_variant(rng)
            n, weights = _n_sources(variant, rng), variant.weights_of(self.leaves)
        n = min(n, int((weights > 0).sum()))
        return [str(leaf) for leaf in rng.choice(self.leaves, n, replace=False, p=weights / weights.sum())]

    def _draw_variant(self, rng: np.random.Generator) -> Variant:
        """One line-up of one ensemble."""
        shares = np.array([ensemble.share for ensemble in self._ensembles])
        ensemble = self._ensembles[int(rng.choice(len(shares), p=shares / shares.sum()))]
        return ensemble.variants[int(rng.integers(len(ensemble.variants)))]

    def _draw_clips(
        self, leaf: str, key: int, profiles: list[NDArray[np.float32]], rng: np.random.Generator
    ) -> list[int]:
        """Rows of the candidate that shares least with what is there, `profiles`."""
        n = self._candidates if profiles else 1
        candidates = [self._pool.draw(leaf, key, rng) for _ in range(n)]
        shared = [sum(overlap(self._profiles[rows[0]], other) for other in profiles) for rows in candidates]
        return candidates[int(np.argmin(shared))]

    def _source(
        self, leaf: str, rows: list[int], manner: Manner, beat_s: float, rng: np.random.Generator
    ) -> SourcePlan:
        semitones = 0.0
        if self._vary and rng.random() < SPEED_SHARE:
            semitones = rng.uniform(-SPEED_SEMITONES, SPEED_SEMITONES)
        order: tuple[int, ...] = ()
        if self._vary and manner == "crop" and rng.random() < SLICE_SHARE:
            order = tuple(rng.permutation(int(rng.integers(*SLICES))).tolist())
        return SourcePlan(
            leaf,
            tuple(self._ids[row] for row in rows),
            manner,
            gain_db=float(rng.uniform(*GAIN_DB)),
            beat_s=beat_s,
            speed=float(2.0 ** (semitones / 12.0)),
            seed=int(rng.integers(2**31)),
            order=order,
            effects=draw_source_effects(leaf, rng) if self._vary else (),
        )

    def _in_scale(
        self, source: SourcePlan, rows: list[int], key: int, rng: np.random.Generator
    ) -> SourcePlan:
        """The notes of a phrase brought into the key, or into one of their own where it is -1."""
        pitches = np.array([self._pool.pitch(row) for row in rows])
        if source.manner != "phrase" or np.isnan(pitches).any():
            return source
        scale = SCALES[int(rng.integers(len(SCALES)))]
        tonic = key if key >= 0 else int(rng.integers(12))
        semitones = to_scale(pitches + 12.0 * np.log2(source.speed), tonic, scale)
        return replace(source, semitones=tuple(np.round(semitones, 3).tolist()))

    def _can_build_kit(self) -> bool:
        return all(self._pool.has_recordings(leaf) for leaf in _KIT_CORE)

    def _draw_kit(self, beat_s: float, rng: np.random.Generator) -> list[tuple[SourcePlan, int]]:
        """A kit of single strokes, each with its row: kick, snare, a time keeper, perhaps more."""
        time_keepers = [leaf for leaf in _TIME_KEEPERS if leaf in self.leaves]
        pieces = [*_KIT_CORE, *([str(rng.choice(time_keepers))] if time_keepers else [])]
        pieces += [leaf for leaf in _KIT_EXTRAS if leaf in self.leaves and rng.random() < KIT_EXTRA_SHARE]
        rows = [self._pool.draw(leaf, -1, rng)[0] for leaf in dict.fromkeys(pieces)]
        return [
            (self._source(leaf, [row], "beat", beat_s, rng), row)
            for leaf, row in zip(dict.fromkeys(pieces), rows, strict=True)
        ]


def _n_sources(variant: Variant, rng: np.random.Generator) -> int:
    if variant.sources is None:
        return int(rng.choice(SOURCES_IN_MIX, p=SOURCES_SHARES))
    least, most = variant.sources
    return int(rng.integers(least, most + 1))
