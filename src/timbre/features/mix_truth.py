"""The truth about a mix: which labels can be heard in the middle of it, and which nobody could tell."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import Waveform
from timbre.audio.segments import SEGMENT_S
from timbre.features import audibility
from timbre.features.effects.effect import Effect
from timbre.features.mix_plan import MixPlan
from timbre.taxonomy import BY_ID, DRUM_KIT

SEGMENT_MARGIN_S = 0.25  # the label of a segment looks this far over its edges
LEAST_KIT_PIECES = 2  # so many of them heard together are a drum kit


class Truth:
    """Knows what each clip holds and does not hold, in the order of `labels`."""

    def __init__(self, index: pd.DataFrame, labels: tuple[str, ...]):
        self._present = multi_hot(index["present"], labels)
        self._absent = multi_hot(index["absent"], labels)
        self._kit = labels.index(DRUM_KIT) if DRUM_KIT in labels else None

    def of(
        self, plan: MixPlan, sources: Sequence[Waveform], noise: Waveform | None, row_of: Mapping[str, int]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Targets and known, `(n_labels,)` each.

        Present is what is heard in the segment, unknown what is heard only around it or hardly, all
        else absent.

        Parameters
        ----------
        sources, noise
            As they are added, without rooms and before the effects of the mix.
        row_of
            The row of each clip.
        """
        n_labels = self._present.shape[1]
        present, unknown = np.zeros(n_labels, bool), np.zeros(n_labels, bool)
        pieces_heard = 0
        for source, (heard, perhaps) in zip(plan.sources, _heard(sources, noise, plan.effects), strict=True):
            rows = [row_of[clip_id] for clip_id in source.clips]
            if heard:  # of a phrase nobody knows which of its clips: what all of them hold
                present |= self._present[rows].all(axis=0)
                pieces_heard += BY_ID[source.leaf].piece_of == DRUM_KIT
            if heard or perhaps:
                unknown |= ~self._absent[rows].all(axis=0)
        if self._kit is not None and pieces_heard >= LEAST_KIT_PIECES:
            present[self._kit] |= any(source.manner == "beat" for source in plan.sources)
            unknown[self._kit] = True
        for clip_id in plan.noise.clips if plan.noise else ():
            unknown |= ~self._absent[row_of[clip_id]]  # a sound outside the ontology may resemble some
        return present.astype(np.uint8), (present | ~unknown).astype(np.uint8)


def _heard(
    sources: Sequence[Waveform], noise: Waveform | None, effects: Sequence[Effect]
) -> list[tuple[bool, bool]]:
    """For each source whether the segment holds it, and whether anything of the window might."""
    if not sources:
        return []
    gains = _cell_gains(effects)
    whole = [audibility.cell_powers(source) * gains for source in sources]
    others = audibility.cell_powers(noise) * gains if noise is not None else np.zeros_like(whole[0])
    inner = _segment_frames(others.shape[1], len(sources[0]))
    segment_shares = audibility.audible_shares([cells[:, inner] for cells in whole], others[:, inner])
    window_shares = audibility.audible_shares(whole, others)
    heard = segment_shares >= audibility.AUDIBLE_SHARE
    perhaps = np.maximum(segment_shares, window_shares) >= audibility.INAUDIBLE_SHARE
    return list(zip(heard.tolist(), perhaps.tolist(), strict=True))


def _cell_gains(effects: Sequence[Effect]) -> NDArray[np.float32]:
    """`(n_bands, 1)`: what the filters among the effects leave of the power in each band."""
    centres_hz = audibility.band_centres_hz()
    gains_db = sum((effect.gain_db(centres_hz) for effect in effects), np.zeros(len(centres_hz)))
    return (10 ** (gains_db / 10)).astype(np.float32)[:, None]


def _segment_frames(n_frames: int, n_samples: int) -> slice:
    """The frames of cells in the middle segment and its margin."""
    window_s = n_samples / FRONT_END.sample_rate_hz
    before_s = (window_s - SEGMENT_S) / 2 - SEGMENT_MARGIN_S
    return slice(int(n_frames * before_s / window_s), int(n_frames * (1 - before_s / window_s)) + 1)


def multi_hot(leaves: pd.Series, labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """`(n_rows, n_labels)`: which labels each row's list names."""
    column = {label: number for number, label in enumerate(labels)}
    out = np.zeros((len(leaves), len(labels)), dtype=bool)
    for row, names in enumerate(leaves):
        out[row, [column[name] for name in names if name in column]] = True
    return out
