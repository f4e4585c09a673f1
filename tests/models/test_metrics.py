import numpy as np
import pytest
from sklearn import metrics as reference

from timbre.models import metrics

RNG = np.random.default_rng(0)
TARGETS = RNG.random((200, 6)) < 0.25
SCORES = np.round(RNG.random((200, 6)) * 0.6 + TARGETS * 0.2, 2).astype(np.float32)  # with ties
ALL_KNOWN = np.ones_like(TARGETS)


def test_average_precision_is_that_of_scikit_learn():
    for column in range(6):
        ours = metrics.average_precision(TARGETS[:, column], SCORES[:, column])
        assert ours == pytest.approx(reference.average_precision_score(TARGETS[:, column], SCORES[:, column]))
    assert np.isnan(metrics.average_precision(np.zeros(3, bool), np.zeros(3, np.float32)))


def test_roc_auc_is_that_of_scikit_learn():
    for column in range(6):
        ours = metrics.roc_auc(TARGETS[:, column], SCORES[:, column])
        assert ours == pytest.approx(reference.roc_auc_score(TARGETS[:, column], SCORES[:, column]))
    for same in (np.zeros(3, bool), np.ones(3, bool), np.zeros(0, bool)):
        assert np.isnan(metrics.roc_auc(same, np.zeros(len(same), np.float32)))


def test_weights_count_rows_several_times_as_in_scikit_learn():
    weights = RNG.integers(0, 4, (5, len(TARGETS))).astype(np.float32)
    truth, scores = TARGETS[:, 0], SCORES[:, 0]
    pairs = (
        (metrics.weighted_average_precisions, reference.average_precision_score),
        (metrics.weighted_roc_aucs, reference.roc_auc_score),
    )
    for ours, theirs in pairs:
        expected = [theirs(truth, scores, sample_weight=row) for row in weights]
        np.testing.assert_allclose(ours(truth, scores, weights), expected, rtol=1e-6)


def test_lrap_is_that_of_scikit_learn():
    some = TARGETS.any(axis=1)
    expected = reference.label_ranking_average_precision_score(TARGETS[some], SCORES[some])
    assert metrics.label_ranking_average_precision(TARGETS, SCORES, ALL_KNOWN) == pytest.approx(expected)


def test_f1_is_that_of_scikit_learn():
    decisions = SCORES >= 0.5
    f1 = metrics.f1_scores(TARGETS, decisions, ALL_KNOWN)
    assert f1.macro == pytest.approx(reference.f1_score(TARGETS, decisions, average="macro"))
    assert f1.micro == pytest.approx(reference.f1_score(TARGETS, decisions, average="micro"))
    np.testing.assert_allclose(f1.by_label, reference.f1_score(TARGETS, decisions, average=None))


def test_what_is_unknown_does_not_count():
    known = RNG.random(TARGETS.shape) < 0.7
    spoiled = np.where(known, SCORES, 9.0).astype(np.float32)
    flipped = np.where(known, TARGETS, ~TARGETS)
    for function in (
        metrics.class_average_precisions,
        metrics.class_roc_aucs,
        metrics.label_ranking_average_precision,
    ):
        np.testing.assert_allclose(function(flipped, spoiled, known), function(TARGETS, SCORES, known))
    ours = metrics.f1_scores(flipped, spoiled >= 0.5, known)
    np.testing.assert_allclose(ours.by_label, metrics.f1_scores(TARGETS, SCORES >= 0.5, known).by_label)
    rows = known[:, 0]
    expected = reference.average_precision_score(TARGETS[rows, 0], SCORES[rows, 0])
    assert metrics.class_average_precisions(flipped, spoiled, known)[0] == pytest.approx(expected)


def test_the_interval_is_wider_when_clips_of_a_group_agree():
    values = np.repeat(RNG.random(20) < 0.5, 30).astype(np.float64)
    alone = metrics.bootstrap_interval(values, [str(n) for n in range(600)])
    grouped = metrics.bootstrap_interval(values, [str(n // 30) for n in range(600)])
    assert grouped[1] - grouped[0] > 3 * (alone[1] - alone[0])
    assert alone[0] < values.mean() < alone[1]
    # The normal approximation holds for 600 independent draws.
    assert alone[1] - alone[0] == pytest.approx(2 * 1.96 * values.std() / np.sqrt(600), rel=0.1)


def test_group_weights_draw_whole_groups():
    which = metrics.group_numbers(["b", "a", "b", "c"])
    weights = metrics.group_weights(which, 500, np.random.default_rng(0))
    np.testing.assert_array_equal(which, [1, 0, 1, 2])
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    np.testing.assert_array_equal(weights[:, [0, 1, 3]].sum(axis=1), 3)  # as many groups as there are
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.15)


def test_percentiles_pass_over_draws_without_a_value():
    draws = np.stack([np.arange(101.0), np.full(101, np.nan)], axis=1)
    draws[::2, 0] = np.nan
    np.testing.assert_allclose(metrics.percentiles(draws), [[3.45, np.nan], [96.55, np.nan]])
