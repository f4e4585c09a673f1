import numpy as np
import pytest
import torch

from timbre.models import augment as a


def batch(n: int = 16, n_labels: int = 5) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    log_mel = -60 + 40 * torch.rand(n, 128, 300, generator=generator)
    targets = (torch.rand(n, n_labels, generator=generator) < 0.3).float()
    return log_mel, targets, torch.ones(n, n_labels)


def test_the_same_seed_varies_the_same_way():
    first, second = (a.augment(*batch(), torch.Generator().manual_seed(4)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one, other)
    other_seed = a.augment(*batch(), torch.Generator().manual_seed(5))
    assert not torch.equal(first[0], other_seed[0])


def test_sounds_add_in_power(monkeypatch):
    monkeypatch.setattr(a, "MIXUP_GAIN_DB", 0.0)
    log_mel, targets, known = batch()
    mixed, both, _ = a._mixup(log_mel, targets, known, torch.Generator().manual_seed(0))
    n = int(len(log_mel) * a.MIXUP_SHARE)
    others = log_mel.flip(0)[:n]
    expected = 10 * np.log10(10 ** (log_mel[:n].numpy() / 10) + 10 ** (others.numpy() / 10))
    np.testing.assert_allclose(mixed[:n].numpy(), expected, atol=1e-3)
    assert torch.equal(both[:n], torch.maximum(targets[:n], targets.flip(0)[:n]))
    assert torch.equal(mixed[n:], log_mel[n:])


def test_a_mix_knows_what_both_know_or_either_holds(monkeypatch):
    monkeypatch.setattr(a, "MIXUP_SHARE", 0.5)
    log_mel = torch.full((4, 128, 300), -50.0)
    targets = torch.tensor([[1.0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
    known = torch.tensor([[1.0, 1, 0], [1, 1, 1], [1, 1, 1], [0, 1, 1]])
    _, _, mixed_known = a._mixup(log_mel, targets, known, torch.Generator().manual_seed(0))
    assert mixed_known[0].tolist() == [1.0, 1.0, 0.0]  # present in one; both know; one does not


def test_the_level_moves_by_a_few_decibels_and_never_under_the_floor():
    log_mel, _, _ = batch(64)
    moved = a._equalized(log_mel, torch.Generator().manual_seed(1))
    middle = (moved - log_mel)[:, : a.LOWEST_CUT_BAND].abs().max()
    assert 4 < middle <= a.GAIN_DB + 3 * a.EQ_DB
    assert moved.min() >= a.SILENCE_DB


def test_a_short_recording_is_reflected_about_its_ends(monkeypatch):
    monkeypatch.setattr(a, "SHORT_SHARE", 1.0)
    log_mel = torch.arange(300.0).expand(2, 128, 300).clone() - 100
    log_mel[:, :, 150] += 500  # the loudest frame
    out = a._shortened(log_mel, torch.zeros(2, 3), torch.Generator().manual_seed(0))
    steps = out[0, 0].diff().abs()
    assert set(out[0, 0].tolist()) <= set(log_mel[0, 0].tolist())
    assert (out[0, 0] > 300).any()  # it holds the loudest frame
    assert len(out[0, 0].unique()) < 151
    assert steps[steps < 100].max() == pytest.approx(1.0)  # neighbours stay neighbours
    unchanged = a._shortened(log_mel, torch.ones(2, 3), torch.Generator().manual_seed(0))
    assert torch.equal(unchanged, log_mel)  # full mixes are left alone
