"""Models on the same folds of the same clips, none with a group of its test: scores, intervals, time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score
from sklearn.model_selection import StratifiedGroupKFold
from tqdm import tqdm

from timbre.errors import TimbreError
from timbre.models.baselines.clips import LabelledClips
from timbre.models.baselines.contenders import CONTENDERS, Predict, Task
from timbre.models.metrics import average_precision

N_DRAWS = 500  # of groups, for intervals
Probabilities = NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """What one model said of every clip, each time without having learned from its group.

    Attributes
    ----------
    probabilities
        `(n_seeds, n_clips, n_labels)`.
    fit_s, predict_s, cpu_s
        Seconds for all folds of all seeds; `cpu_s` of both together, over all threads.
    """

    model: str
    probabilities: NDArray[np.float64]
    fit_s: float
    predict_s: float
    cpu_s: float


def folds_of(clips: LabelledClips, n_folds: int, seed: int) -> list[NDArray[np.int64]]:
    """Clips of each fold: no group in two, labels as even as the groups allow.

    Raises
    ------
    TimbreError
        When there are fewer groups than folds.
    """
    n_groups = len(set(clips.group))
    if n_groups < n_folds:
        raise TimbreError(
            "bad_table",
            f"{n_groups} groups cannot be divided into {n_folds} folds.",
            "Ask for fewer folds, or name the groups with --group-column of `timbre data add-folder`.",
        )
    divide = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    return [test for _, test in divide.split(clips.label, clips.label, clips.group)]


def compare(
    clips: LabelledClips, models: Sequence[str], n_folds: int, n_seeds: int
) -> tuple[list[Run], dict[str, Any]]:
    """Every model on every fold, with as many divisions as seeds; also what the clips were."""
    runs = []
    with tqdm(total=len(models) * n_seeds * n_folds, desc="comparing") as progress:
        for model in models:
            runs.append(_run(model, CONTENDERS[model], clips, n_folds, n_seeds, progress))
    counts = np.bincount(clips.label, minlength=len(clips.labels))
    facts = {
        "clips": len(clips.label),
        "groups": len(set(clips.group)),
        "left_out": list(clips.left_out),
        "folds": n_folds,
        "seeds": n_seeds,
        "labels": dict(zip(clips.labels, counts.tolist(), strict=True)),
    }
    return runs, facts


def _run(
    name: str,
    learn: Callable[[Task], Predict],
    clips: LabelledClips,
    n_folds: int,
    n_seeds: int,
    progress: Any,
) -> Run:
    n_clips, n_labels = len(clips.label), len(clips.labels)
    probabilities = np.zeros((n_seeds, n_clips, n_labels))
    fit_s = predict_s = 0.0
    cpu_before = process_time()
    for seed in range(n_seeds):
        for test in folds_of(clips, n_folds, seed):
            training = clips.windows_of(np.setdiff1d(np.arange(n_clips), test))
            labels = clips.label[clips.clip[training]]
            begun = perf_counter()
            predict = learn(Task(clips.log_mel[training], labels, n_labels, seed))
            learned = perf_counter()
            probabilities[seed, test] = _of_clips(predict, clips, test)
            fit_s, predict_s = fit_s + learned - begun, predict_s + perf_counter() - learned
            progress.update()
    return Run(name, probabilities, fit_s, predict_s, process_time() - cpu_before)


def _of_clips(predict: Predict, clips: LabelledClips, test: NDArray[np.int64]) -> Probabilities:
    """`(n, n_labels)`: the mean over the windows of each clip."""
    windows = clips.windows_of(test)
    said = predict(clips.log_mel[windows])
    sums = np.zeros((len(clips.label), said.shape[1]))
    np.add.at(sums, clips.clip[windows], said)
    counts = np.bincount(clips.clip[windows], minlength=len(clips.label))
    return sums[test] / counts[test, None]


def scores(label: NDArray[np.int64], probabilities: Probabilities) -> dict[str, float]:
    """Accuracy, mAP (each label against the others) and macro F1 over the labels that occur."""
    named = probabilities.argmax(axis=1)
    occurring = np.unique(label)
    is_label, is_named = label[:, None] == occurring, named[:, None] == occurring
    hits = (is_label & is_named).sum(axis=0)
    f1 = 2 * hits / (is_label.sum(axis=0) + is_named.sum(axis=0))
    precisions = [average_precision(label == one, probabilities[:, one]) for one in occurring]
    return {
        "accuracy": float((label == named).mean()),
        "map": float(np.mean(precisions)),
        "f1_macro": float(f1.mean()),
    }


def mean_scores(label: NDArray[np.int64], probabilities: NDArray[np.float64]) -> dict[str, float]:
    """The mean of each score over the seeds of `(n_seeds, n_clips, n_labels)`."""
    each = [scores(label, one) for one in probabilities]
    return {name: float(np.mean([one[name] for one in each])) for name in each[0]}


def intervals(
    clips: LabelledClips, probabilities: NDArray[np.float64], seed: int = 0
) -> dict[str, tuple[float, float]]:
    """95 % of each score's mean over the seeds, drawing whole groups, since their clips are alike."""
    rng = np.random.default_rng(seed)
    names = np.unique(clips.group)
    members = [np.flatnonzero(clips.group == name) for name in names]
    drawn: list[dict[str, float]] = []
    for _ in range(N_DRAWS):
        rows = np.concatenate([members[place] for place in rng.integers(len(names), size=len(names))])
        drawn.append(mean_scores(clips.label[rows], probabilities[:, rows]))
    return {
        score: tuple(np.percentile([one[score] for one in drawn], [2.5, 97.5]).round(4).tolist())
        for score in drawn[0]
    }


def report(clips: LabelledClips, run: Run) -> dict[str, Any]:
    """Everything about one model; `confusion` has a row a true label, clips on the mean of the seeds."""
    places = np.arange(len(clips.labels))
    named = run.probabilities.argmax(axis=2)
    truth = np.tile(clips.label, len(named))
    by_label = f1_score(truth, named.ravel(), labels=places, average=None, zero_division=0)
    confusion = confusion_matrix(truth, named.ravel(), labels=places) / len(named)
    return {
        "model": run.model,
        **mean_scores(clips.label, run.probabilities),
        "intervals": intervals(clips, run.probabilities),
        "each_seed": [scores(clips.label, one) for one in run.probabilities],
        "f1": dict(zip(clips.labels, by_label.round(4).tolist(), strict=True)),
        "confusion": confusion.round(1).tolist(),
        "fit_s": round(run.fit_s, 2),
        "predict_s": round(run.predict_s, 2),
        "cpu_s": round(run.cpu_s, 2),
    }
