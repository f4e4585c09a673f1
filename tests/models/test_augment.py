import numpy as np
import pytest
import torch

from timbre.models import augment as a


def batch(n: int = 16, n_labels: int = 5) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    log_mel = -60 + 40 * torch.rand(n, 128, 300, generator=generator)
    targets = (torch.rand(n, n_labels, generator=generator) < 0.3).float()
    return log_mel, targets, torch.ones(n, n_labels), torch.zeros(n, 0, n_labels)


def level_db(log_mel: torch.Tensor) -> torch.Tensor:
    return 10 * torch.log10((10 ** (log_mel / 10)).mean(dim=(1, 2)))


def test_the_same_seed_varies_the_same_way():
    first, second = (a.augment(*batch(), torch.Generator().manual_seed(4)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one, other)
    other_seed = a.augment(*batch(), torch.Generator().manual_seed(5))
    assert not torch.equal(first[0], other_seed[0])


def test_sounds_add_in_power(monkeypatch):
    monkeypatch.setattr(a, "MIXUP_GAIN_DB", 0.0)
    log_mel, targets, *rest = batch()
    mixed, both, *_ = a._mixup(log_mel, targets, *rest, torch.Generator().manual_seed(0))
    n = int(len(log_mel) * a.MIXUP_SHARE)
    others = log_mel.flip(0)[:n]
    others = others + (level_db(log_mel[:n]) - level_db(others)).view(-1, 1, 1)
    expected = 10 * np.log10(10 ** (log_mel[:n].numpy() / 10) + 10 ** (others.numpy() / 10))
    np.testing.assert_allclose(mixed[:n].numpy(), expected, atol=1e-3)
    assert torch.equal(both[:n], torch.maximum(targets[:n], targets.flip(0)[:n]))
    assert torch.equal(mixed[n:], log_mel[n:])


def test_neither_part_of_a_mix_drowns_the_other_however_loud_they_were(monkeypatch):
    monkeypatch.setattr(a, "MIXUP_SHARE", 0.5)
    n = 100
    log_mel = torch.full((n, 128, 300), a.SILENCE_DB)
    log_mel[: n // 2, :64] = torch.linspace(-60, -10, n // 2).view(-1, 1, 1)  # the first part, below
    log_mel[n // 2 :, 64:] = -30.0  # and the second one, above it
    mixed, *_ = a._mixup(
        log_mel, torch.zeros(n, 3), torch.ones(n, 3), torch.zeros(n, 0, 3), torch.Generator().manual_seed(0)
    )
    gains_db = mixed[: n // 2, 100, 0] - mixed[: n // 2, 10, 0]
    assert a.MIXUP_GAIN_DB - 2 < gains_db.abs().max() <= a.MIXUP_GAIN_DB + 1e-3
    np.testing.assert_allclose(mixed[: n // 2, 10], log_mel[: n // 2, 10], atol=1e-3)


def test_silence_is_mixed_as_the_silence_that_it_is(monkeypatch):
    monkeypatch.setattr(a, "MIXUP_SHARE", 0.5)
    log_mel = torch.full((2, 128, 300), -30.0)
    log_mel[1] = a.SILENCE_DB
    mixed, *_ = a._mixup(
        log_mel, torch.zeros(2, 3), torch.ones(2, 3), torch.zeros(2, 0, 3), torch.Generator().manual_seed(0)
    )
    np.testing.assert_allclose(mixed[0], log_mel[0], atol=1e-3)


def test_a_mix_knows_what_both_know_or_either_holds(monkeypatch):
    monkeypatch.setattr(a, "MIXUP_SHARE", 0.5)
    log_mel = torch.full((4, 128, 300), -50.0)
    targets = torch.tensor([[1.0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
    known = torch.tensor([[1.0, 1, 0], [1, 1, 1], [1, 1, 1], [0, 1, 1]])
    _, _, mixed_known, _ = a._mixup(
        log_mel, targets, known, torch.zeros(4, 0, 3), torch.Generator().manual_seed(0)
    )
    assert mixed_known[0].tolist() == [1.0, 1.0, 0.0]  # present in one; both know; one does not


def test_a_mix_has_the_groups_of_both_but_for_those_of_which_it_holds_a_label(monkeypatch):
    monkeypatch.setattr(a, "MIXUP_SHARE", 0.5)
    targets = torch.tensor([[0.0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    any_of = torch.zeros(4, 1, 4)
    any_of[0, 0, :2] = any_of[1, 0, 1:3] = any_of[3, 0, 2:] = 1.0
    _, _, _, groups = a._mixup(
        torch.full((4, 128, 300), -50.0), targets, torch.zeros(4, 4), any_of, torch.Generator().manual_seed(0)
    )
    held = [{tuple(group.nonzero().flatten().tolist()) for group in row if group.any()} for row in groups]
    assert held == [{(0, 1)}, {(1, 2)}, set(), {(2, 3)}]  # the first got {2, 3} of the last, and holds 3


def test_the_level_moves_by_a_few_decibels_and_never_under_the_floor():
    log_mel, *_ = batch(64)
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
