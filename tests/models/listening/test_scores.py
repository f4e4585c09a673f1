import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from timbre.models.listening.heard import Heard
from timbre.models.listening.scores import MEASURES, difference, file_scores, second_scores, voice_scores
from timbre.models.listening.seconds import SecondTruth
from timbre.taxonomy import OPENMIC

N = 60
VOICE = OPENMIC.index("voice")
SOLO = np.ones(N, bool)


@pytest.fixture
def files():
    """60 files with one label each; a tagger that knows half of them, and one that guesses."""
    rng = np.random.default_rng(0)
    targets = np.zeros((N, 20), bool)
    targets[np.arange(N), np.arange(N) % 20] = True
    guess = rng.random((N, 20)).astype(np.float32)
    half = guess.copy()
    half[:30] = targets[:30]
    return targets, np.ones_like(targets), {"model": half, "reference": guess}


def test_a_better_tagger_is_better_for_certain_and_the_same_one_is_not(files):
    targets, known, means = files
    gains = difference(means, targets, known, SOLO)
    assert set(gains) == set(MEASURES)
    for gain, low, high in gains.values():
        assert 0 < low < gain < high
    same = difference({"model": means["model"], "reference": means["model"]}, targets, known, SOLO)
    assert all(values == [0.0, 0.0, 0.0] for values in same.values())


def test_the_difference_is_that_of_the_scores(files):
    targets, known, means = files
    ours, theirs = (file_scores(values, targets, known, SOLO) for values in means.values())
    for name, (gain, _, _) in difference(means, targets, known, SOLO).items():
        assert gain == pytest.approx(ours[name] - theirs[name], abs=2e-4)


def test_without_a_solo_there_are_the_other_scores(files):
    targets, known, means = files
    scores = file_scores(means["model"], targets, known, ~SOLO)
    assert (scores["solo_files"], scores["solo_top1"], scores["lrap"], scores["commonest"]) == (
        0,
        None,
        None,
        None,
    )
    gains = difference(means, targets, known, ~SOLO)
    assert gains["solo_top1"] == [None, None, None]
    assert gains["map"][1] > 0


def test_a_draw_without_a_solo_does_not_count(files):
    targets, known, means = files
    gain, low, high = difference(means, targets, known, np.arange(N) == 0)[
        "solo_top1"
    ]  # in two draws of three
    assert (low, gain, high) == (1.0, 1.0, 1.0)


def test_seconds_are_scored_where_they_are_known():
    rng = np.random.default_rng(1)
    targets, known = rng.random((50, 20)) < 0.3, rng.random((50, 20)) < 0.6
    seconds = rng.random((48, 20)).astype(np.float32)  # two seconds less than the truth
    truths = {0: (SecondTruth(targets, known), None)}
    scores = second_scores([Heard(seconds)], truths)
    told = known[:48]
    assert scores["seconds"] == 48
    micro = average_precision_score(targets[:48][told], seconds[told])
    assert scores["micro_ap"] == pytest.approx(micro, abs=1e-4)
    voice = voice_scores([Heard(seconds)], truths)
    column = told[:, VOICE]
    assert voice["seconds"] == column.sum()
    auc = roc_auc_score(targets[:48, VOICE][column], seconds[column, VOICE])
    assert voice["roc_auc"] == pytest.approx(auc, abs=1e-4)
