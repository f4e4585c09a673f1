"""Variation of log-mel batches, in the power domain where sounds add; the same for the same seed."""

import math

import torch
from torch import Tensor

from timbre.models.another_instrument import another_instrument

MIXUP_SHARE = 0.35
MIXUP_GAIN_DB = 8.0  # the second sound is so much quieter or louder than the first at most
MIXUP_SILENCE_DB = -90.0  # what is quieter than this has no level to go by
GAIN_DB = 8.0
SHORT_SHARE = 0.2  # of the windows with few labels: as if the recording were so short
SHORT_FRAMES, SHORT_MAX_LABELS = (20, 150), 2
LEAD_FRAMES = 10  # a short recording begins at most so long before its loudest frame
ROLL_FRAMES = 20  # 0.2 s: the labels are those of the middle of the window
EQ_DB = 4.0  # of each of three slow waves over the bands
LOW_PASS_SHARE, LOWEST_CUT_BAND = 0.1, 80  # codecs and old recordings end below 16 kHz
FLOOR_SHARE, FLOOR_DB = 0.3, (-100.0, -55.0)  # the noise of a real recording
MASK_SHARE, MASK_BANDS, MASK_FRAMES = 0.5, 12, 20
SILENCE_DB = -100.0


def augment(
    log_mel: Tensor, targets: Tensor, known: Tensor, any_of: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Mix, equalize, shift and mask a batch.

    Parameters
    ----------
    log_mel
        `(batch, n_mels, n_frames)` in dB.
    targets, known
        `(batch, n_labels)`, 0 or 1; a mixed window holds the labels of both its parts, and knows
        what both know or either holds.
    any_of
        `(batch, n_groups, n_labels)`, 0 or 1; a mixed window has the groups of both its parts, but for those
        of which it holds a label.
    """
    log_mel = _rolled(_shortened(log_mel, targets, generator), generator)
    log_mel = another_instrument(log_mel, targets, generator, SILENCE_DB)
    log_mel, targets, known, any_of = _mixup(log_mel, targets, known, any_of, generator)
    log_mel = _with_floor(_equalized(log_mel, generator), generator)
    return _masked(log_mel, generator), targets, known, any_of


def _uniform(n: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.empty(n).uniform_(low, high, generator=generator)


def _power(log_mel: Tensor) -> Tensor:
    return torch.exp(log_mel * (math.log(10.0) / 10.0))


def _db(power: Tensor) -> Tensor:
    return 10.0 * torch.log10(power.clamp_min(10 ** (SILENCE_DB / 10)))


def _shortened(log_mel: Tensor, targets: Tensor, generator: torch.Generator) -> Tensor:
    """Some windows as the service makes them of a short recording: reflected about both its ends."""
    n, n_mels, n_frames = log_mel.shape
    few = targets.sum(dim=1) <= SHORT_MAX_LABELS
    chosen = (few & (_uniform(n, 0.0, 1.0, generator) < SHORT_SHARE)).nonzero().flatten()
    if len(chosen) == 0:
        return log_mel
    middle = slice(n_frames // 4, n_frames - n_frames // 4)
    loudest = log_mel[chosen, :, middle].mean(dim=1).argmax(dim=1) + middle.start
    length = torch.randint(*SHORT_FRAMES, (len(chosen),), generator=generator)
    first = loudest - torch.randint(0, LEAD_FRAMES, (len(chosen),), generator=generator)
    place = torch.arange(n_frames) - n_frames // 3  # the first second begins a third into the window
    period = (2 * (length - 1)).view(-1, 1)
    wrapped = place.view(1, -1) % period
    columns = (first.view(-1, 1) + torch.minimum(wrapped, period - wrapped)).clamp(0, n_frames - 1)
    out = log_mel.clone()
    out[chosen] = log_mel[chosen].gather(2, columns.unsqueeze(1).expand(-1, n_mels, -1))
    return out


def _rolled(log_mel: Tensor, generator: torch.Generator) -> Tensor:
    shift = int(torch.randint(-ROLL_FRAMES, ROLL_FRAMES + 1, (1,), generator=generator))
    return log_mel.roll(shift, dims=-1)


def _mixup(
    log_mel: Tensor, targets: Tensor, known: Tensor, any_of: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The first part of the batch gets the windows of the other end added to it."""
    n = int(len(log_mel) * MIXUP_SHARE)
    if n == 0:
        return log_mel, targets, known, any_of
    others = torch.arange(len(log_mel) - 1, len(log_mel) - 1 - n, -1)
    gain_db = _uniform(n, -MIXUP_GAIN_DB, MIXUP_GAIN_DB, generator)
    levels_db = _db(_power(log_mel).mean(dim=(1, 2)))
    sounding = torch.minimum(levels_db[:n], levels_db[others]) > MIXUP_SILENCE_DB
    gain_db += (levels_db[:n] - levels_db[others]) * sounding
    mixed = _db(_power(log_mel[:n]) + _power(log_mel[others] + gain_db.view(-1, 1, 1)))
    both = torch.maximum(targets[:n], targets[others])
    known_both = torch.maximum(known[:n] * known[others], both)
    return (
        torch.cat([mixed, log_mel[n:]]),
        torch.cat([both, targets[n:]]),
        torch.cat([known_both, known[n:]]),
        _joined_groups(any_of, others, both),
    )


def _joined_groups(any_of: Tensor, others: Tensor, held: Tensor) -> Tensor:
    """Groups of windows of which the first have those of `others` too, and hold the labels `held`."""
    n, n_groups = len(others), any_of.shape[1]
    out = torch.cat([any_of, torch.zeros_like(any_of)], dim=1)
    out[:n, n_groups:] = any_of[others]
    out[:n] *= 1 - (out[:n] * held.unsqueeze(1)).amax(dim=2, keepdim=True)
    return out


def _equalized(log_mel: Tensor, generator: torch.Generator) -> Tensor:
    n, n_mels, _ = log_mel.shape
    place = torch.linspace(0.0, 1.0, n_mels)
    curve = _uniform(n, -GAIN_DB, GAIN_DB, generator).view(-1, 1).expand(n, n_mels).clone()
    for waves in (0.5, 1.0, 2.0):
        phase = _uniform(n, 0.0, 2 * math.pi, generator).view(-1, 1)
        depth_db = _uniform(n, 0.0, EQ_DB, generator).view(-1, 1)
        curve += depth_db * torch.sin(2 * math.pi * waves * place + phase)
    cut = torch.randint(LOWEST_CUT_BAND, n_mels, (n, 1), generator=generator)
    is_cut = _uniform(n, 0.0, 1.0, generator).view(-1, 1) < LOW_PASS_SHARE
    curve -= ((torch.arange(n_mels) >= cut) & is_cut) * 60.0
    return (log_mel + curve.unsqueeze(-1)).clamp_min(SILENCE_DB)


def _with_floor(log_mel: Tensor, generator: torch.Generator) -> Tensor:
    """Steady noise added to some windows, falling by up to 30 dB towards the top."""
    n, n_mels, _ = log_mel.shape
    chosen = (_uniform(n, 0.0, 1.0, generator) < FLOOR_SHARE).nonzero().flatten()
    level_db = _uniform(len(chosen), *FLOOR_DB, generator).view(-1, 1, 1)
    slope_db = _uniform(len(chosen), 0.0, 30.0, generator).view(-1, 1, 1)
    floor_db = level_db - slope_db * torch.linspace(0.0, 1.0, n_mels).view(1, -1, 1)
    out = log_mel.clone()
    out[chosen] = _db(_power(log_mel[chosen]) + _power(floor_db))
    return out


def _masked(log_mel: Tensor, generator: torch.Generator) -> Tensor:
    """SpecAugment (Park et al., 2019), light: one band and one span filled with the window's mean."""
    n, n_mels, n_frames = log_mel.shape
    drawn = [
        torch.randint(0, high, (n,), generator=generator)
        for high in (MASK_BANDS, MASK_FRAMES, n_mels, n_frames)
    ]
    height, width, low, start = (values.view(-1, 1) for values in drawn)
    is_chosen = _uniform(n, 0.0, 1.0, generator).view(-1, 1) < MASK_SHARE
    bands, frames = torch.arange(n_mels), torch.arange(n_frames)
    in_band = (bands >= low) & (bands < low + height) & is_chosen
    in_span = (frames >= start) & (frames < start + width) & is_chosen
    mask = in_band.unsqueeze(-1) | in_span.unsqueeze(1)
    return torch.where(mask, log_mel.mean(dim=(1, 2), keepdim=True), log_mel)
