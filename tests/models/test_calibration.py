import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from timbre.models.calibration import (
    MIN_THRESHOLD,
    _best_threshold,
    calibration_error,
    fit_calibration,
    fit_platt,
    fit_thresholds,
    reliability,
    sigmoid,
)

RNG = np.random.default_rng(1)


def drawn(n: int, scale: float, bias: float) -> tuple[np.ndarray, np.ndarray]:
    logits = RNG.normal(-1.0, 2.0, n).astype(np.float32)
    return logits, RNG.random(n) < sigmoid(scale * logits + bias)


def test_platt_is_an_almost_free_logistic_regression():
    logits, targets = drawn(5_000, 0.6, -0.8)
    scale, bias = fit_platt(logits, targets)
    free = LogisticRegression(C=1e6).fit(logits[:, None], targets)
    assert scale == pytest.approx(free.coef_[0, 0], rel=0.02)
    assert bias == pytest.approx(free.intercept_[0], rel=0.03)


def test_calibrated_probabilities_mean_what_they_say():
    columns = [drawn(4_000, scale, bias) for scale, bias in ((0.3, -2.0), (0.5, -1.0), (1.0, -1.0))]
    logits = np.stack([c[0] for c in columns], axis=1)
    targets = np.stack([c[1] for c in columns], axis=1)
    known = RNG.random(targets.shape) < 0.8
    calibration = fit_calibration(logits, targets, known)
    before = calibration_error(sigmoid(logits), targets, known)
    after = calibration_error(calibration.probabilities(logits), targets, known)
    assert after < 0.02 < before


def test_a_threshold_never_lies_between_two_best_ones():
    # F1 is 2/3 where both sounds are named with two others, and where the surer one alone is.
    probabilities = np.array([0.75, 0.35, 0.55, 0.55], np.float32)
    targets = np.array([True, True, False, False])
    threshold = _best_threshold(probabilities, targets)
    assert f1_score(targets, probabilities >= threshold) == pytest.approx(2 / 3)


def test_a_rare_label_leans_on_the_others():
    common, common_targets = drawn(4_000, 1.0, 0.0)
    rare, rare_targets = common.copy(), np.zeros(4_000, bool)
    rare_targets[:3] = True  # three positives anywhere: no reason to believe a fit of their own
    logits, targets = np.stack([common, rare], 1), np.stack([common_targets, rare_targets], 1)
    known = np.stack([np.ones(4_000, bool), np.arange(4_000) < 40], 1)
    calibration = fit_calibration(logits, targets, known)
    assert calibration.scale[1] == pytest.approx(calibration.scale[0], abs=0.1)


def test_a_label_without_positives_or_upside_down_takes_the_common_fit():
    logits, targets = drawn(4_000, 1.0, 0.0)
    columns = np.stack([logits, logits, -logits], 1)
    truths = np.stack([targets, np.zeros_like(targets), targets], 1)
    calibration = fit_calibration(columns, truths, np.ones_like(truths))
    assert calibration.scale[1] == calibration.scale[2] > 0


def test_thresholds_give_the_best_f1_where_there_is_enough_to_learn_from():
    logits, targets = drawn(20_000, 1.0, 0.0)
    probabilities = sigmoid(logits)[:, None]
    threshold = float(fit_thresholds(probabilities, targets[:, None], np.ones_like(targets)[:, None])[0])

    def f1(t: float) -> float:
        decided = probabilities[:, 0] >= t
        return 2 * (decided & targets).sum() / (decided.sum() + targets.sum())

    assert f1(threshold) >= max(f1(t) for t in np.arange(0.05, 0.95, 0.01)) - 0.005
    nothing = fit_thresholds(
        np.full((10, 1), 0.01, np.float32), np.zeros((10, 1), bool), np.ones((10, 1), bool)
    )
    assert nothing[0] >= MIN_THRESHOLD


def test_the_reliability_curve_is_that_of_scikit_learn():
    logits, targets = drawn(3_000, 1.0, -0.5)
    probabilities = sigmoid(0.4 * logits)
    curve = reliability(probabilities, targets, n_bins=8)
    true, stated = calibration_curve(targets, probabilities, n_bins=8)
    np.testing.assert_allclose(curve.stated, stated, atol=1e-4)
    np.testing.assert_allclose(curve.true, true, atol=1e-4)
    assert sum(curve.count) == 3_000
    assert reliability(np.array([], np.float32), np.array([], bool)).count == []
