"""What a model is worth on sound it never heard: mixes of held-out clips, and the clips themselves."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from timbre.audio.front_end import FRONT_END
from timbre.audio.segments import Segmenter
from timbre.features.material import Material
from timbre.features.mix_truth import multi_hot
from timbre.features.windows import Windows
from timbre.models.calibration import Calibration, calibration_error, reliability
from timbre.models.dataset import plain_loader
from timbre.models.metrics import (
    Bools,
    Floats,
    bootstrap_interval,
    class_average_precisions,
    class_roc_aucs,
    f1_scores,
    group_weights,
    label_ranking_average_precision,
    percentiles,
    weighted_average_precisions,
)
from timbre.models.network import CompactCnn
from timbre.models.scores import Answers, score

MAX_CLIPS_PER_GROUP = 40
MAX_SOLO_S = 10.0
N_BOOTSTRAP = 200
CLEARLY_ABOVE_CHANCE = 0.10  # a label's average precision less its prevalence
FEWEST_TO_DISPROVE = 20  # windows of a split that hold a label: fewer say nothing against it


@dataclass(frozen=True)
class Scored:
    """Logits of a split's windows beside the truth, `(n, n_labels)` each."""

    logits: Floats
    targets: Bools
    known: Bools

    def n_positives(self, label: int) -> int:
        """Windows that are known to hold the label of this number."""
        return int((self.targets & self.known)[:, label].sum())


def score_windows(network: CompactCnn, windows: Windows) -> Scored:
    """Logits of every window of a split."""
    with torch.no_grad():
        logits = [network(log_mel).numpy() for log_mel, *_ in plain_loader(windows, 64)]
    return Scored(np.concatenate(logits), windows.targets > 0, windows.known > 0)


def mix_metrics(
    scored: Scored, calibration: Calibration, thresholds: Floats, labels: tuple[str, ...]
) -> dict[str, Any]:
    """mAP, LRAP, F1 and calibration error on mixes, and each label's own scores with 95 % intervals.

    What the truth does not allow to score is None. The intervals draw windows; those of a split come from
    the same recordings, so they are too narrow.
    """
    probabilities = calibration.probabilities(scored.logits)
    precisions = class_average_precisions(scored.targets, probabilities, scored.known)
    aucs = class_roc_aucs(scored.targets, probabilities, scored.known)
    f1 = f1_scores(scored.targets, probabilities >= thresholds, scored.known)
    silent = ~scored.targets.any(axis=1) & scored.known.all(axis=1)
    by_label = _scores_by_label(scored, probabilities, thresholds, labels)
    return {
        "windows": len(probabilities),
        "map": _mean(precisions),
        "lrap": _number(label_ranking_average_precision(scored.targets, probabilities, scored.known)),
        "f1_macro": _number(f1.macro),
        "f1_micro": f1.micro if np.isfinite(f1.by_label).any() else None,
        "roc_auc": _mean(aucs),
        "calibration_error": calibration_error(probabilities, scored.targets, scored.known),
        "quiet_without_instrument": (
            float((probabilities[silent] < thresholds).all(axis=1).mean()) if silent.any() else None
        ),
        "labels": {
            label: {**by_label[label], "reliability": _reliability_of(c, scored, probabilities)}
            for c, label in enumerate(labels)
        },
    }


def _scores_by_label(
    scored: Scored, probabilities: Floats, thresholds: Floats, labels: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    windows = [str(number) for number in range(len(probabilities))]
    answers = Answers(labels, probabilities, thresholds, scored.targets, scored.known, groups=windows)
    by_label: dict[str, dict[str, Any]] = score(answers)["labels"]
    return by_label


def _mean(values: Floats) -> float | None:
    """Over those that have a value."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else None


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _reliability_of(label: int, scored: Scored, probabilities: Floats) -> dict[str, list[float]]:
    rows = scored.known[:, label]
    return asdict(reliability(probabilities[rows, label], scored.targets[rows, label]))


def unproven_labels(splits: Sequence[Scored], labels: tuple[str, ...], seed: int = 0) -> list[str]:
    """Labels that no split tests, or whose average precision is not clearly above chance, their prevalence.

    It has to be so over all splits together, and not clearly otherwise in one of them: where one has
    renderings and another recordings, what is named in the first may be unknown in the second. Windows are
    drawn, not recordings, of which there may be one.
    """
    rng = np.random.default_rng(seed)
    together = joined(splits)
    return [label for c, label in enumerate(labels) if not _is_proven(together, splits, c, rng)]


def joined(splits: Sequence[Scored]) -> Scored:
    """The windows of several splits as those of one."""
    return Scored(
        np.concatenate([scored.logits for scored in splits]),
        np.concatenate([scored.targets for scored in splits]),
        np.concatenate([scored.known for scored in splits]),
    )


def _is_proven(together: Scored, splits: Sequence[Scored], label: int, rng: np.random.Generator) -> bool:
    lowest, _ = _above_chance(together, label, rng)
    telling = [scored for scored in splits if scored.n_positives(label) >= FEWEST_TO_DISPROVE]
    highest = [_above_chance(scored, label, rng)[1] for scored in telling]
    return lowest >= CLEARLY_ABOVE_CHANCE and not any(high < CLEARLY_ABOVE_CHANCE for high in highest)


def _above_chance(scored: Scored, label: int, rng: np.random.Generator) -> tuple[float, float]:
    """Bounds of a label's average precision less its prevalence; NaN where nothing tests it."""
    rows = scored.known[:, label]
    truth = scored.targets[rows, label]
    if not truth.any():
        return float("nan"), float("nan")
    weights = group_weights(np.arange(len(truth)), N_BOOTSTRAP, rng)
    low, high = percentiles(weighted_average_precisions(truth, scored.logits[rows, label], weights))
    return low - float(truth.mean()), high - float(truth.mean())


def solo_metrics(
    probabilities_of: Callable[[Floats], Floats],
    rows: pd.DataFrame,
    decoded: Path,
    labels: tuple[str, ...],
    context_s: float,
    seed: int = 0,
) -> dict[str, Any]:
    """How often the likeliest label of a held-out single-instrument clip is right.

    A clip's probabilities are the mean over its segments, which are cut as the service cuts them.
    Beside it stands always naming the commonest label of these very clips. Intervals draw groups.

    Parameters
    ----------
    probabilities_of
        Calibrated probabilities of windows `(batch, n_mels, n_frames)`.
    rows
        Rows of the decoded index.
    """
    material = Material(rows, decoded)
    chosen = _some_of_each_group(rows.reset_index(drop=True), seed)
    means = [
        probabilities_of(_windows(material, row, context_s)).mean(axis=0)
        for row in tqdm(chosen, "solo clips")
    ]
    truths = multi_hot(material.index["present"], labels)[chosen]
    groups = [str(group) for group in material.index["group"].iloc[chosen]]
    named = np.argmax(np.stack(means), axis=1)
    right = truths[np.arange(len(named)), named].astype(np.float64)
    commonest = int(np.argmax(truths.sum(axis=0)))
    low, high = bootstrap_interval(right, groups)
    always = truths[:, commonest].astype(np.float64)
    always_low, always_high = bootstrap_interval(always, groups)
    gain_low, gain_high = bootstrap_interval(right - always, groups)  # paired: the same groups are drawn
    return {
        "clips": len(chosen),
        "groups": len(set(groups)),
        "top1": round(float(right.mean()), 4),
        "top1_interval": [round(low, 4), round(high, 4)],
        "commonest": labels[commonest],
        "commonest_top1": round(float(always.mean()), 4),
        "commonest_interval": [round(always_low, 4), round(always_high, 4)],
        "gain": round(float((right - always).mean()), 4),
        "gain_interval": [round(gain_low, 4), round(gain_high, 4)],
        "labels": _solo_by_label(truths, right, named, groups, labels),
    }


def _solo_by_label(
    truths: Bools, right: np.ndarray, named: np.ndarray, groups: list[str], labels: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """For each label its clips and groups, the share named right, and what the other clips were taken for."""
    out = {}
    for c in np.flatnonzero(truths.any(axis=0)):
        own = truths[:, c]
        mistaken = Counter(labels[n] for n in named[own & (right == 0)])
        out[labels[c]] = {
            "clips": int(own.sum()),
            "groups": len(set(np.array(groups)[own])),
            "top1": round(float(right[own].mean()), 4),
            "taken_for": dict(mistaken.most_common()),
        }
    return out


def _some_of_each_group(rows: pd.DataFrame, seed: int) -> list[int]:
    """Numbers of clips with an instrument, at most `MAX_CLIPS_PER_GROUP` of a group."""
    with_label = rows[[len(present) > 0 for present in rows["present"]]]
    shuffled = with_label.sample(frac=1.0, random_state=seed)
    return sorted(shuffled.groupby("group").head(MAX_CLIPS_PER_GROUP).index)


def _windows(material: Material, row: int, context_s: float) -> Floats:
    segmenter = Segmenter(context_s)
    waveform = material.waveform(row, 0, int(MAX_SOLO_S * FRONT_END.sample_rate_hz))
    segments = [*segmenter.push(waveform), *segmenter.finish()]
    return np.stack([segment.window for segment in segments])
