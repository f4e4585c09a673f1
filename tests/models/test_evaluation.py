from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from sklearn import metrics as reference

from timbre.audio.front_end import FRONT_END
from timbre.data.metadata import table_of
from timbre.data.own_folder import own_clip
from timbre.features.material import decode_table
from timbre.models.calibration import Calibration
from timbre.models.evaluation import Scored, mix_metrics, solo_metrics, unproven_labels

LABELS = ("cello", "flute", "tuba")
LOW_HZ, HIGH_HZ = 100, 1_500


def test_scores_of_labels_are_those_of_scikit_learn_within_their_intervals():
    rng = np.random.default_rng(0)
    targets = rng.random((300, 3)) < (0.3, 0.1, 0.0)
    known = rng.random(targets.shape) < 0.9
    logits = np.where(targets, 1.0, -1.0) + rng.normal(0, 1.5, targets.shape)
    calibration, thresholds = (
        Calibration(np.full(3, 2.0), np.array([0.5, -0.5, 0.0])),
        np.array([0.4, 0.6, 0.5]),
    )
    labels = mix_metrics(Scored(logits, targets, known), calibration, thresholds, LABELS)["labels"]
    for c, label in enumerate(LABELS[:2]):
        truth, own = targets[known[:, c], c], labels[label]
        scores = 1 / (1 + np.exp(-(2 * logits[known[:, c], c] + calibration.bias[c])))
        assert (own["positives"], own["negatives"]) == (truth.sum(), (~truth).sum())
        expected = {
            "average_precision": reference.average_precision_score(truth, scores),
            "f1": reference.f1_score(truth, scores >= thresholds[c]),
        }
        for name, value in expected.items():
            low, high = own[f"{name}_interval"]
            assert own[name] == pytest.approx(value, abs=1e-4)
            assert low < own[name] < high
    tuba = labels["tuba"]
    assert (tuba["positives"], tuba["average_precision"]) == (0, None)
    assert tuba["average_precision_interval"] == [None, None]


def split_of(rng: np.random.Generator, heard: tuple[bool, ...], present: tuple[float, ...]) -> Scored:
    targets = rng.random((2_000, 3)) < present
    logits = rng.normal(0, 1, targets.shape) + 4.0 * (targets & heard)
    return Scored(logits, targets, np.ones_like(targets))


def test_a_label_is_proven_where_no_split_says_otherwise():
    rng = np.random.default_rng(0)
    renderings = split_of(rng, (True, True, False), (0.1, 0.1, 0.1))
    recordings = split_of(rng, (True, False, False), (0.1, 0.1, 0.1))
    untested = split_of(rng, (True, True, True), (0.1, 0.1, 0.0))
    assert unproven_labels((renderings, renderings), LABELS) == ["tuba"]
    assert unproven_labels((renderings, recordings), LABELS) == ["flute", "tuba"]
    assert unproven_labels((untested, untested), LABELS) == ["tuba"]


def test_a_few_windows_alone_do_not_disprove_a_label():
    rng = np.random.default_rng(1)
    renderings = split_of(rng, (True, True, True), (0.1, 0.1, 0.1))
    few = split_of(rng, (True, False, True), (0.1, 0.0, 0.1))
    few.targets[np.argsort(few.logits[:, 1])[1_000:1_003], 1] = True  # three that it does not hear
    assert unproven_labels((renderings, few), LABELS) == []


def by_height(windows: np.ndarray) -> np.ndarray:
    """Cello where the loudest band is a low one, else flute."""
    is_low = windows.mean(axis=2).argmax(axis=1) < 20
    return np.stack([is_low, ~is_low, np.zeros_like(is_low)], axis=1).astype(np.float32)


def test_single_clips_are_counted_by_label_with_their_groups_and_mistakes(tmp_path: Path):
    rate_hz = FRONT_END.sample_rate_hz
    time_s = np.arange(2 * rate_hz) / rate_hz
    played = [("ann", "cello", LOW_HZ), ("bob", "cello", HIGH_HZ), ("ann", "flute", HIGH_HZ)]
    clips = []
    for number, (player, label, frequency_hz) in enumerate([*played, ("bob", "cello", HIGH_HZ + 10)]):
        name = f"{number}.wav"
        sf.write(tmp_path / name, 0.3 * np.sin(2 * np.pi * frequency_hz * time_s), rate_hz)
        clips.append(own_clip(name, (label,), player, file=tmp_path, license="CC0"))
    table, _ = table_of(tmp_path, clips)
    index = decode_table(table, tmp_path / "decoded")
    index["group"] = index["dataset"]
    labels = solo_metrics(by_height, index, tmp_path / "decoded", LABELS, context_s=3.0)["labels"]
    assert labels == {
        "cello": {"clips": 3, "groups": 2, "top1": 0.3333, "taken_for": {"flute": 2}},
        "flute": {"clips": 1, "groups": 1, "top1": 1.0, "taken_for": {}},
    }
