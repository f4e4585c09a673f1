import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
)

from timbre.errors import TimbreError
from timbre.models.baselines import contenders
from timbre.models.baselines.clips import LabelledClips
from timbre.models.baselines.comparison import Run, compare, folds_of, intervals, report, scores
from timbre.models.baselines.contenders import CONTENDERS, Task

LABELS = ("closed_hi_hat", "kick_drum", "snare_drum")


def made_clips(n_groups: int = 16, per_label: int = 2, *, shuffled: bool = False) -> LabelledClips:
    """Clips whose label is the third of the bands that is loud; each group has its own level and noise."""
    rng = np.random.default_rng(0)
    label = np.tile(np.repeat(np.arange(3), per_label), n_groups)
    group = np.repeat(np.arange(n_groups), 3 * per_label)
    log_mel = rng.normal(-80, 3, (len(label), 128, 300)) + rng.normal(0, 4, n_groups)[group][:, None, None]
    for window, place in zip(log_mel, label, strict=True):
        window[place * 40 : place * 40 + 40] += 30
    if shuffled:
        label = rng.permutation(label)
    numbers = np.arange(len(label))
    names = np.array([f"kit{number}" for number in group])
    return LabelledClips(LABELS, log_mel.astype(np.float16), numbers, label, names)


def test_no_group_is_learned_from_and_tested_and_every_clip_is_tested_once():
    clips = made_clips()
    folds = folds_of(clips, 4, seed=1)
    assert sorted(np.concatenate(folds)) == list(range(len(clips.label)))
    for test in folds:
        training = np.setdiff1d(np.arange(len(clips.label)), test)
        assert not set(clips.group[test]) & set(clips.group[training])
        assert set(clips.label[test]) == {0, 1, 2}


def test_more_folds_than_groups_are_refused():
    with pytest.raises(TimbreError, match="2 groups cannot be divided into 3 folds"):
        folds_of(made_clips(2), 3, seed=0)


@pytest.mark.parametrize("model", ["random_forest", "mlp"])
def test_sound_tells_labels_apart_and_shuffled_labels_fall_to_chance(model):
    (true,), _ = compare(made_clips(), [model], n_folds=3, n_seeds=1)
    assert scores(made_clips().label, true.probabilities[0])["accuracy"] > 0.95
    shuffled = made_clips(shuffled=True)
    (chance,), _ = compare(shuffled, [model], n_folds=3, n_seeds=1)
    low, high = intervals(shuffled, chance.probabilities)["accuracy"]
    assert low < 1 / 3 < high


@pytest.mark.parametrize(("shuffled", "low", "high"), [(False, 0.9, 1.0), (True, 0.15, 0.52)])
def test_the_network_too_hears_or_guesses(shuffled, low, high, monkeypatch):
    monkeypatch.setattr(contenders, "CNN_BATCH_SIZE", 8)  # so few clips need as many steps
    clips = made_clips(shuffled=shuffled)
    tested = folds_of(clips, 2, seed=0)[0]
    training = np.setdiff1d(np.arange(len(clips.label)), tested)
    predict = CONTENDERS["cnn"](Task(clips.log_mel[training], clips.label[training], 3, seed=0))
    probabilities = predict(clips.log_mel[tested])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-6)
    assert low <= balanced_accuracy_score(clips.label[tested], probabilities.argmax(axis=1)) <= high


def test_a_clip_of_several_windows_is_their_mean():
    clips = made_clips(6)
    doubled = LabelledClips(
        LABELS,
        np.concatenate([clips.log_mel, clips.log_mel]),
        np.concatenate([clips.clip, clips.clip]),
        clips.label,
        clips.group,
    )
    (run,), facts = compare(doubled, ["random_forest"], n_folds=2, n_seeds=2)
    assert run.probabilities.shape == (2, len(clips.label), 3)
    np.testing.assert_allclose(run.probabilities.sum(axis=2), 1.0)
    assert facts["labels"] == dict.fromkeys(LABELS, 12)
    assert min(run.fit_s, run.predict_s, run.cpu_s) > 0


def test_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    label, probabilities = rng.choice(4, 300, p=[0.5, 0.3, 0.2, 0.0]), rng.dirichlet(np.ones(4), 300)
    probabilities[np.arange(300), label] += 0.2
    named, occurring = probabilities.argmax(axis=1), [0, 1, 2]
    precisions = [average_precision_score(label == one, probabilities[:, one]) for one in occurring]
    found = scores(label, probabilities)
    assert found["accuracy"] == pytest.approx(accuracy_score(label, named))
    assert found["map"] == pytest.approx(np.mean(precisions))
    assert found["f1_macro"] == pytest.approx(f1_score(label, named, labels=occurring, average="macro"))


def test_intervals_grow_where_the_clips_of_a_group_are_right_or_wrong_together():
    clips = made_clips(16)
    right = np.eye(3)[clips.label]
    wrong = np.eye(3)[(clips.label + 1) % 3]
    by_group = np.where((np.unique(clips.group, return_inverse=True)[1] % 4 == 0)[:, None], wrong, right)
    by_clip = np.where((np.arange(len(clips.label)) % 4 == 0)[:, None], wrong, right)
    spread = [np.ptp(intervals(clips, one[None])["accuracy"]) for one in (by_group, by_clip)]
    assert spread[0] > 2 * spread[1]


def test_the_report_counts_what_was_taken_for_what():
    clips = made_clips(4, per_label=1)
    named = np.eye(3)[np.where(clips.label == 2, 1, clips.label)]
    run = Run("mlp", named[None], fit_s=1.0, predict_s=2.0, cpu_s=3.0)
    told = report(clips, run)
    assert told["confusion"] == [[4, 0, 0], [0, 4, 0], [0, 4, 0]]
    assert told["f1"]["snare_drum"] == 0.0
    assert told["accuracy"] == pytest.approx(2 / 3)
