"""Windows of one instrument as if another of its kind had played: another body, room, microphone and pitch.

There are a few recordings an instrument to learn from, so a network learns these recordings. Varied by
itself, before it is mixed with others, a source is heard through other filters in every epoch; what
`augment` does to a whole mix filters all its sources alike.
"""

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import hz_to_mel, mel_to_hz

SHARE = 0.6  # of the windows with one label, or none
SEMITONES = 3.0
EQ_DB = 7.0  # of each of the slow waves over the bands
EQ_WAVES = (0.5, 1.0, 2.0, 4.0)


def another_instrument(
    log_mel: Tensor, targets: Tensor, generator: torch.Generator, floor_db: float
) -> Tensor:
    """Shift and filter some of the windows that have at most one label, each in its own way.

    Parameters
    ----------
    log_mel
        `(batch, n_mels, n_frames)` in dB.
    targets
        `(batch, n_labels)`, 0 or 1.
    floor_db
        No band becomes quieter.
    """
    drawn = torch.rand(len(log_mel), generator=generator) < SHARE
    chosen = ((targets.sum(dim=1) <= 1) & drawn).nonzero().flatten()
    if len(chosen) == 0:
        return log_mel
    semitones = torch.empty(len(chosen)).uniform_(-SEMITONES, SEMITONES, generator=generator)
    varied = shifted(log_mel[chosen], semitones) + curves_db(
        len(chosen), log_mel.shape[1], generator
    ).unsqueeze(-1)
    out = log_mel.clone()
    out[chosen] = varied.clamp_min(floor_db)
    return out


def shifted(log_mel: Tensor, semitones: Tensor) -> Tensor:
    """Every window `(n, n_mels, n_frames)` so many semitones higher, its formants with it.

    Between two bands it is a straight line in dB; beyond the last band that one goes on.
    """
    n_mels, n_frames = log_mel.shape[1:]
    places = torch.from_numpy(_places(n_mels, tuple(semitones.tolist())))
    low = places.floor().long().clamp_max(n_mels - 2)
    part = (places - low).to(log_mel.dtype).unsqueeze(-1)
    band = low.unsqueeze(-1).expand(-1, -1, n_frames)
    return log_mel.gather(1, band) * (1 - part) + log_mel.gather(1, band + 1) * part


def _places(n_mels: int, semitones: tuple[float, ...]) -> np.ndarray:
    """The band, with its fraction, that each band of each window is taken from."""
    centres_hz, spacing, first = _bands(n_mels)
    ratios = 2.0 ** (np.array(semitones)[:, None] / 12)
    return np.clip((hz_to_mel(centres_hz / ratios) - first) / spacing, 0, n_mels - 1)


@cache
def _bands(n_mels: int) -> tuple[np.ndarray, float, float]:
    """Centres of the bands in Hz; their distance, and the first, in mel."""
    lowest, highest = hz_to_mel(np.array([FRONT_END.f_min_hz, FRONT_END.f_max_hz]))
    mels = np.linspace(lowest, highest, n_mels + 2)[1:-1]
    return mel_to_hz(mels), float(mels[1] - mels[0]), float(mels[0])


def curves_db(n: int, n_mels: int, generator: torch.Generator) -> Tensor:
    """Gains `(n, n_mels)` that change slowly from band to band."""
    where = torch.linspace(0.0, 1.0, n_mels)
    curves = torch.zeros(n, n_mels)
    for waves in EQ_WAVES:
        phase = torch.empty(n, 1).uniform_(0.0, 2 * math.pi, generator=generator)
        depth_db = torch.empty(n, 1).uniform_(0.0, EQ_DB, generator=generator)
        curves += depth_db * torch.sin(2 * math.pi * waves * where + phase)
    return curves
