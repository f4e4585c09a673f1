import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from timbre.models.any_of import calibrated, group_logits, group_scores, occurring_groups, with_groups
from timbre.models.calibration import sigmoid

LABELS = ("violin", "viola", "flute", "recorder")
STRINGS, VIOLA_OR_FLUTE = [1, 1, 0, 0], [0, 1, 1, 0]


@pytest.fixture
def windows():
    """Targets, known labels and groups of six windows; a second group is empty but in the last."""
    any_of = np.zeros((6, 2, 4), np.uint8)
    any_of[0, 0] = any_of[5, 1] = STRINGS
    any_of[5, 0] = VIOLA_OR_FLUTE
    targets, known = np.zeros((6, 4), bool), np.zeros((6, 4), bool)
    targets[1, 0] = known[1, 0] = True  # a violin
    known[2] = True  # nothing sounds
    known[3, 1] = True  # no viola
    return targets, known, any_of


def test_a_group_is_one_more_label(windows):
    targets, known, any_of = windows
    assert occurring_groups(any_of).astype(int).tolist() == [VIOLA_OR_FLUTE, STRINGS]
    logits, sounds, told = with_groups(np.zeros((6, 4)), *windows)
    np.testing.assert_array_equal(sounds[:, :4], targets)
    np.testing.assert_array_equal(told[:, :4], known)
    assert sounds[:, 5].tolist() == [True, True, False, False, False, True]
    assert told[:, 5].tolist() == [True, True, True, False, False, True]  # no viola leaves the violin
    assert sounds[:, 4].tolist() == [False] * 5 + [True]
    assert told[:, 4].tolist() == [False, False, True, False, False, True]  # a violin says nothing of it
    np.testing.assert_allclose(sigmoid(logits[:, 4:]), 1 - 0.5 * 0.5)


def test_a_narrower_group_is_within_a_wider_one():
    any_of = np.array([[[1, 1, 0, 0]], [[1, 1, 1, 0]]], np.uint8)
    nothing = np.zeros((2, 4), bool)
    _, sounds, told = with_groups(np.zeros((2, 4)), nothing, nothing, any_of)
    assert sounds[:, 4:].tolist() == told[:, 4:].tolist() == [[True, True], [False, True]]


def test_windows_without_groups_stay_as_they_are():
    logits, targets, known = np.ones((3, 4)), np.eye(3, 4) > 0, np.ones((3, 4), bool)
    same = with_groups(logits, targets, known, np.zeros((3, 0, 4), np.uint8))
    assert all(one is other for one, other in zip(same, (logits, targets, known), strict=True))


def test_the_logit_of_a_group_is_that_of_its_probability():
    logits = np.random.default_rng(0).uniform(-8, 8, (50, 4))
    groups = np.array([STRINGS, [1, 1, 1, 1]], bool)
    p = 1 / (1 + np.exp(-logits))
    any_p = 1 - np.stack([np.prod(1 - p[:, group], axis=1) for group in groups], axis=1)
    np.testing.assert_allclose(group_logits(logits, groups), np.log(any_p / (1 - any_p)), rtol=1e-6)
    assert np.isfinite(group_logits(np.full((1, 4), -900.0), groups)).all()


def test_groups_are_scored_where_something_is_known_of_them():
    rng = np.random.default_rng(1)
    kind = rng.integers(3, size=60)  # strings, flute, nothing known
    logits = rng.normal(0, 1, (60, 4)) + 2.0 * (kind == 0)[:, None] * np.array(STRINGS)
    any_of = ((kind == 0)[:, None] & (np.array(STRINGS) > 0)).astype(np.uint8)[:, None]
    targets = (kind == 1)[:, None] & (np.arange(4) == 2)
    known = np.repeat((kind == 1)[:, None], 4, axis=1) | ((kind == 0)[:, None] & (np.array(STRINGS) == 0))
    (scores,) = group_scores(logits, targets, known, any_of, LABELS).items()
    told = kind < 2
    p = 1 / (1 + np.exp(-logits[told]))
    expected = average_precision_score(kind[told] == 0, 1 - (1 - p[:, 0]) * (1 - p[:, 1]))
    assert scores[0] == "violin|viola"
    assert scores[1]["positives"] == (kind == 0).sum()
    assert scores[1]["average_precision"] == pytest.approx(expected, abs=1e-4)


def test_labels_of_which_only_groups_are_known_keep_the_order_of_their_logits():
    rng = np.random.default_rng(2)
    is_string = rng.random(200) < 0.5
    logits = rng.normal(-2, 1, (200, 4)) + 4.0 * np.where(is_string[:, None], STRINGS, [0, 0, 1, 1])
    any_of = np.where(is_string[:, None], STRINGS, [0, 0, 1, 1]).astype(np.uint8)[:, None]
    known = any_of[:, 0] == 0  # the other family is absent
    calibration, thresholds = calibrated(logits, np.zeros((200, 4), bool), known, any_of)
    assert (calibration.scale > 0.1).all()
    probabilities = calibration.probabilities(logits)
    assert probabilities[is_string, :2].max(axis=1).mean() > 0.4 > probabilities[is_string, 2:].mean()
    assert thresholds.shape == (4,)
