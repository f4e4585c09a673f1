import numpy as np

from timbre.models.balance import MAX_WEIGHT, drawn_by_weight, rarity_weights


def targets_of(*counts: int) -> np.ndarray:
    """Single-label windows, so many of each label."""
    return np.eye(len(counts), dtype=np.uint8)[np.repeat(np.arange(len(counts)), counts)]


def test_power_one_makes_labels_alike_and_power_zero_windows():
    targets = targets_of(40, 20, 10)
    weights = rarity_weights(targets, 1.0)
    np.testing.assert_allclose(weights @ targets, [20, 20, 20])
    np.testing.assert_array_equal(rarity_weights(targets, 0.0), np.ones(70))


def test_weights_are_bounded_both_ways():
    weights = rarity_weights(targets_of(10_000, 100, 1), 1.0)
    assert (weights.min(), weights.max()) == (1 / MAX_WEIGHT, MAX_WEIGHT)


def test_a_window_counts_as_its_rarest_label_and_silence_as_one():
    targets = np.array([[1, 0], [1, 0], [1, 1], [0, 0]], np.uint8)
    weights = rarity_weights(targets, 1.0)
    assert weights[2] == 2.0  # of the second label, median 2 over count 1
    assert weights[0] < 1.0
    assert weights[3] == 1.0
    np.testing.assert_array_equal(rarity_weights(np.zeros((3, 2), np.uint8), 1.0), np.ones(3))


def test_each_is_drawn_as_often_as_its_share_to_within_one():
    rng = np.random.default_rng(3)
    weights = rng.uniform(0.2, 5.0, 500)
    counts = np.bincount(drawn_by_weight(weights, rng), minlength=500)
    assert counts.sum() == 500
    assert np.abs(counts - 500 * weights / weights.sum()).max() < 1.0
