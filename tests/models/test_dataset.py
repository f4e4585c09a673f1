import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from timbre.features.windows import Windows
from timbre.models.dataset import BatchSampler, counted, plain_loader, train_loader


@pytest.fixture
def windows(tmp_path) -> Windows:
    rng = np.random.default_rng(0)
    for shard, n in enumerate((6, 4)):
        np.save(tmp_path / f"log_mel_{shard:05d}.npy", rng.normal(-50, 10, (n, 128, 300)).astype(np.float16))
        np.save(tmp_path / f"targets_{shard:05d}.npy", (rng.random((n, 3)) < 0.4).astype(np.uint8))
        np.save(tmp_path / f"known_{shard:05d}.npy", np.ones((n, 3), np.uint8))
    (tmp_path / "labels.json").write_text(json.dumps(["a", "b", "c"]))
    return Windows(tmp_path)


def test_every_window_is_seen_once_before_any_is_seen_twice():
    sampler = BatchSampler(n_windows=10, batch_size=4, n_batches=5, seed=3)
    numbers = np.concatenate([plan.numbers for plan in sampler])
    assert sorted(numbers[:10]) == sorted(numbers[10:]) == list(range(10))


def test_an_epoch_is_the_same_whenever_it_is_begun():
    through, resumed = (BatchSampler(10, 4, 3, seed=1) for _ in range(2))
    through.set_epoch(0)
    list(through)
    for sampler in (through, resumed):
        sampler.set_epoch(1)
    for one, other in zip(through, resumed, strict=True):
        np.testing.assert_array_equal(one.numbers, other.numbers)
        assert one.seed == other.seed


def test_training_batches_are_varied_and_plain_ones_are_not(windows):
    plain = list(plain_loader(windows, 4))
    assert [len(batch[0]) for batch in plain] == [4, 4, 2]
    np.testing.assert_array_equal(plain[1][0][0].numpy(), windows.log_mel(4).astype(np.float32))
    first, second = (next(iter(train_loader(windows, 4, 2, seed=0))) for _ in range(2))
    assert torch.equal(first[0], second[0])
    assert not any(torch.equal(first[0][0], batch[0][k]) for batch in plain for k in range(len(batch[0])))


def test_balanced_training_sees_a_rare_label_more_often():
    weights = np.array([1.0] * 90 + [3.0] * 10)
    numbers = np.concatenate([plan.numbers for plan in BatchSampler(100, 10, 60, seed=2, weights=weights)])
    rare = (numbers >= 90).mean()
    assert rare == pytest.approx(30 / 120, abs=0.02)
    again = np.concatenate([plan.numbers for plan in BatchSampler(100, 10, 60, seed=2, weights=weights)])
    np.testing.assert_array_equal(numbers, again)
    other = np.concatenate([plan.numbers for plan in BatchSampler(100, 10, 60, seed=3, weights=weights)])
    assert (numbers != other).any()


def test_groups_are_counted_for_balance_like_labels():
    windows = SimpleNamespace(targets=np.eye(3, 4, dtype=np.uint8), any_of=np.zeros((3, 1, 4), np.uint8))
    windows.any_of[1, 0, 2:] = windows.any_of[2, 0, 2:] = 1
    np.testing.assert_array_equal(counted(windows), [[1, 0, 0, 0, 0], [0, 1, 0, 0, 1], [0, 0, 1, 0, 1]])


def test_processes_divide_an_epoch_among_them(monkeypatch):
    from timbre.models import dataset

    alone = [plan.seed for plan in BatchSampler(10, 2, 6, seed=1)]
    shares = []
    for place in range(2):
        monkeypatch.setattr(dataset, "process_place", lambda place=place: (place, 2))
        sampler = BatchSampler(10, 2, 6, seed=1)
        shares.append([plan.seed for plan in sampler])
        assert len(sampler) == 3
    assert sorted(shares[0] + shares[1]) == sorted(alone)
