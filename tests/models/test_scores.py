import numpy as np
import pytest
from sklearn import metrics as reference

from timbre.models.scores import Answers, score

LABELS = ("violin", "piano", "flute", "tuba")
OVERALL = ("map", "f1_macro", "f1_micro", "roc_auc", "lrap")


def answers(seed: int = 0, n: int = 300, **changes) -> Answers:
    rng = np.random.default_rng(seed)
    targets = rng.random((n, len(LABELS))) < 0.3
    probabilities = np.round(np.clip(rng.normal(0.3, 0.2, targets.shape) + 0.3 * targets, 0, 1), 2)
    values = {
        "labels": LABELS,
        "probabilities": probabilities,
        "thresholds": np.array([0.4, 0.5, 0.45, 0.6]),
        "targets": targets,
        "known": np.ones_like(targets),
        "groups": [str(number // 5) for number in range(n)],
    }
    return Answers(**{**values, **changes})


def test_every_score_is_that_of_scikit_learn():
    given = answers()
    scores = score(given, n_draws=20)
    targets, probabilities = given.targets, given.probabilities
    decisions = probabilities >= given.thresholds
    some = targets.any(axis=1)
    expected = {
        "map": reference.average_precision_score(targets, probabilities, average="macro"),
        "roc_auc": reference.roc_auc_score(targets, probabilities, average="macro"),
        "f1_macro": reference.f1_score(targets, decisions, average="macro"),
        "f1_micro": reference.f1_score(targets, decisions, average="micro"),
        "lrap": reference.label_ranking_average_precision_score(targets[some], probabilities[some]),
    }
    assert {name: scores[name] for name in expected} == pytest.approx(expected, abs=6e-5)
    for c, label in enumerate(LABELS):
        own = scores["labels"][label]
        assert own["positives"] == targets[:, c].sum()
        assert own["f1"] == pytest.approx(reference.f1_score(targets[:, c], decisions[:, c]), abs=6e-5)
    for name in OVERALL:
        low, high = scores[f"{name}_interval"]
        assert low < scores[name] < high


def test_a_label_counts_where_it_is_known_and_nowhere_else():
    known = np.random.default_rng(5).random((300, len(LABELS))) < 0.6
    given = answers(known=known)
    spoiled = answers(
        known=known,
        targets=np.where(known, given.targets, ~given.targets),
        probabilities=np.where(known, given.probabilities, 1.0),
    )
    assert score(spoiled, n_draws=20) == score(given, n_draws=20)
    scores = score(given, n_draws=20)
    decisions = given.probabilities >= given.thresholds
    pooled = reference.f1_score(given.targets[known], decisions[known])
    assert scores["f1_micro"] == pytest.approx(pooled, abs=6e-5)
    for c, label in enumerate(LABELS):
        rows = known[:, c]
        truth, values = given.targets[rows, c], given.probabilities[rows, c]
        own = scores["labels"][label]
        assert own["average_precision"] == pytest.approx(
            reference.average_precision_score(truth, values), abs=6e-5
        )
        assert own["roc_auc"] == pytest.approx(reference.roc_auc_score(truth, values), abs=6e-5)
        assert own["f1"] == pytest.approx(reference.f1_score(truth, decisions[rows, c]), abs=6e-5)


def test_what_the_clips_do_not_allow_has_no_score():
    targets = answers().targets.copy()
    targets[:, 3] = False
    scores = score(answers(targets=targets), n_draws=20)
    tuba = scores["labels"]["tuba"]
    assert (tuba["positives"], tuba["average_precision"], tuba["f1"], tuba["roc_auc"]) == (
        0,
        None,
        None,
        None,
    )
    assert tuba["f1_interval"] == [None, None]
    assert scores["labels_scored"] == 3
    means = [scores["labels"][label]["average_precision"] for label in LABELS[:3]]
    assert scores["map"] == pytest.approx(np.mean(means), abs=1e-4)


def test_where_nothing_is_known_to_be_absent_nothing_is_ranked():
    given = answers()
    # As in a list of predominant instruments: of each clip one is known to sound, and of some what does not.
    known = given.targets.copy()
    told = np.arange(300) < 100
    known[told, :2] = True
    scores = score(answers(known=known), n_draws=20)
    unscored = [label for label in LABELS if scores["labels"][label]["average_precision"] is None]
    assert unscored == ["flute", "tuba"]
    means = [
        reference.average_precision_score(given.targets[known[:, c], c], given.probabilities[known[:, c], c])
        for c in range(2)
    ]
    assert scores["map"] == pytest.approx(np.mean(means), abs=1e-4)
    denied = ~given.targets & known
    ranked = np.flatnonzero(given.targets.any(axis=1) & (denied.any(axis=1) | known.all(axis=1)))
    expected = [
        reference.label_ranking_average_precision_score(
            given.targets[row : row + 1, known[row]], given.probabilities[row : row + 1, known[row]]
        )
        for row in ranked
    ]
    assert scores["lrap"] == pytest.approx(np.mean(expected), abs=1e-4)


def test_a_single_group_has_no_interval():
    scores = score(answers(groups=["one"] * 300), n_draws=20)
    assert scores["map"] > 0
    assert [scores[f"{name}_interval"] for name in OVERALL] == [[None, None]] * len(OVERALL)


def test_intervals_hold_the_truth_about_as_often_as_they_promise():
    """Clips of a group share a difficulty; the true score is that of very many groups."""

    def drawn(n_groups: int, rng: np.random.Generator) -> Answers:
        groups = np.repeat(np.arange(n_groups), 4)
        targets = rng.random((len(groups), 1)) < 0.4
        skill = rng.normal(1.2, 0.8, n_groups)[groups, None]
        probabilities = rng.normal(0, 1, targets.shape) + skill * targets
        return Answers(
            ("violin",), probabilities, np.array([0.7]), targets, np.ones_like(targets), [*map(str, groups)]
        )

    rng = np.random.default_rng(0)
    truth = score(drawn(20_000, rng), n_draws=2)
    n_tries = 120
    held = dict.fromkeys(("map", "f1_micro", "roc_auc"), 0)
    for _ in range(n_tries):
        scores = score(drawn(50, rng), n_draws=200)
        for name in held:
            low, high = scores[f"{name}_interval"]
            held[name] += low <= truth[name] <= high
    assert all(0.87 <= count / n_tries <= 0.995 for count in held.values()), held
