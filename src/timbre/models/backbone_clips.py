"""The table's clips as a pretrained transformer takes them: waveforms of one length."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import soxr
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.features.material import Material
from timbre.models.backbone import Backbone
from timbre.models.balance import rarity_weights
from timbre.models.clip_windows import told_clips
from timbre.models.dataset import N_THREADS, Batch, BatchPlan, BatchSampler, counted, plain_plans, truth
from timbre.models.prefetch import Prefetched
from timbre.models.training_config import TrainingConfig

MAX_S = 10.0  # of a clip; what audio transformers are trained on
GAIN_DB = 8.0  # louder or quieter at most, in training
Loader = Prefetched[BatchPlan, Batch]


class ClipWaveforms:
    """Waveforms of the clips of one split with their labels.

    Parameters
    ----------
    rows
        Of the decoded index.
    longest_s
        All waveforms are so long: cut, or filled with silence.
    """

    def __init__(self, rows: pd.DataFrame, decoded: Path, labels: tuple[str, ...], longest_s: float):
        clips = told_clips(rows, labels)
        self.targets, self.known, self.any_of = clips.targets, clips.known, clips.any_of
        self.labels = labels
        self._material = Material(clips.rows, decoded)
        self._n_samples = int(longest_s * FRONT_END.sample_rate_hz)

    def __len__(self) -> int:
        return len(self.targets)

    def waveform(self, number: int, rng: np.random.Generator | None) -> NDArray[np.float32]:
        """`(n_samples,)` at the front end's rate; varied in place and level with a generator."""
        spare = max(0, int(self._material.length[number]) - self._n_samples)
        start = int(rng.integers(spare + 1)) if rng else 0
        waveform = self._material.waveform(number, start, self._n_samples)
        if rng:
            waveform = waveform * np.float32(10 ** (rng.uniform(-GAIN_DB, GAIN_DB) / 20))
        return np.pad(waveform, (0, self._n_samples - len(waveform)))


def longest_s(index: pd.DataFrame) -> float:
    """Length in seconds that holds every clip of a decoded index, at most `MAX_S`."""
    return min(MAX_S, float(index["length"].max()) / FRONT_END.sample_rate_hz)


def train_loader(backbone: Backbone, clips: ClipWaveforms, config: TrainingConfig) -> Loader:
    """Batches for one epoch of training after another."""
    weights = rarity_weights(counted(clips), config.balance) if config.balance else None
    sampler = BatchSampler(len(clips), config.batch_size, config.batches_per_epoch, config.seed, weights)
    return Prefetched(partial(_batch, backbone, clips), sampler, N_THREADS)


def plain_loader(backbone: Backbone, clips: ClipWaveforms, batch_size: int) -> Loader:
    """Every clip once, in order and unvaried."""
    return Prefetched(partial(_batch, backbone, clips), plain_plans(len(clips), batch_size), N_THREADS)


def _batch(backbone: Backbone, clips: ClipWaveforms, plan: BatchPlan) -> Batch:
    rng = None if plan.seed is None else np.random.default_rng(plan.seed)
    rates_hz = FRONT_END.sample_rate_hz, backbone.sample_rate_hz
    waveforms = [soxr.resample(clips.waveform(int(number), rng), *rates_hz) for number in plan.numbers]
    return (backbone.inputs(waveforms), *truth(clips, plan.numbers))
