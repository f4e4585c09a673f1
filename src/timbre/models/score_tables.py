"""Scores as text, alone and in tables for a terminal."""

from collections.abc import Sequence
from typing import Any

_NAMES = {
    "map": "mAP",
    "f1_macro": "macro F1",
    "f1_micro": "micro F1",
    "roc_auc": "ROC-AUC",
    "lrap": "LRAP",
    "average_precision": "AP",
    "f1": "F1",
}
_OF_ALL = ("map", "f1_macro", "f1_micro", "roc_auc", "lrap")
_OF_LABEL = ("average_precision", "f1", "roc_auc")
_WIDE = 48  # for the names of systems
_CELL = 22  # characters: 0.123 (0.123 to 0.123)


def level_lines(result: dict[str, Any]) -> list[str]:
    """A line a level; where there is only one, a line for each of its labels too."""
    levels = result["levels"]
    lines = [f"{result['model']} on {result['dataset']}, {result['split']}; 95 % intervals over groups"]
    lines.append(_line("level", ["clips", "groups", "labels"], [_NAMES[name] for name in _OF_ALL]))
    for level, scores in levels.items():
        counts = [scores[name] for name in ("clips", "groups", "labels_scored")]
        lines.append(_line(level, counts, _cells(scores, _OF_ALL)))
    if len(levels) == 1:
        lines += ["", *_label_lines(next(iter(levels.values()))["labels"])]
    return lines


def _label_lines(labels: dict[str, dict[str, Any]]) -> list[str]:
    """Of the labels that some clip holds."""
    lines = [_line("label", ["present", "absent"], [_NAMES[name] for name in _OF_LABEL])]
    for label, scores in labels.items():
        if not scores["positives"]:
            continue
        counts = [scores["positives"], scores["negatives"]]
        lines.append(_line(label, counts, _cells(scores, _OF_LABEL)))
    return lines


def protocol_lines(result: dict[str, Any]) -> list[str]:
    """The model above the published figures."""
    scores, expected, metrics = result["scores"], result["expected_clips"], result["metrics"]
    occurring = f"{scores['labels_scored']} of {len(scores['labels'])} labels occur"
    lines = [f"{result['protocol']}: {scores['clips']} clips, {occurring}"]
    if scores["clips"] != expected:
        lines.append(f"Not comparable: the published figures are of {expected} clips.")
    lines.append(_line("", [], [_NAMES[name] for name in metrics], width=_WIDE))
    lines.append(_line(result["model"], [], _cells(scores, metrics), width=_WIDE))
    if "relative_scores" in result:
        relative = "  relative to the greatest of each clip"
        lines.append(_line(relative, [], _cells(result["relative_scores"], metrics), width=_WIDE))
    for one in result["published"]:
        name = f"{one['system']} ({one['source']})" if one["source"] else one["system"]
        lines.append(_line(name, [], [_number(one.get(metric)) for metric in metrics], width=_WIDE))
    return lines


def _line(name: str, counts: Sequence[object], cells: Sequence[str], width: int = 20) -> str:
    text = f"{name:<{width}}" + "".join(f"{count:>8}" for count in counts)
    return (text + "".join(f"  {cell:<{_CELL}}" for cell in cells)).rstrip()


def _cells(scores: dict[str, Any], names: Sequence[str]) -> list[str]:
    return [with_interval(scores[name], scores[f"{name}_interval"]) for name in names]


def with_interval(value: float | None, interval: Sequence[float | None]) -> str:
    """`0.123 (0.100 to 0.150)`; without the interval where there is none."""
    low, high = interval
    return _number(value) if low is None else f"{_number(value)} ({_number(low)} to {_number(high)})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
