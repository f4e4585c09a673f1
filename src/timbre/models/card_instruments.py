"""The card's row for every instrument: what it was learned from, its scores, what it is taken for."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from timbre.models.checkpoint import CheckpointConfig
from timbre.models.evaluation import MAX_CLIPS_PER_GROUP
from timbre.models.score_tables import with_interval
from timbre.taxonomy import BY_ID, instrument

FONT_SCORES = "solo_held_out_soundfont"
_RECORDING_SCORES = ("solo_validation_recordings", "solo_test_recordings")
_TAKEN_FOR = "most often taken for"
_MISTAKES_SHOWN = 3
_NONE, _UNTESTED = "none", "not tested"
_ORDER = {label: place for place, label in enumerate(BY_ID)}
_NO_INTERVAL = (None, None)  # of scores by an earlier version
_LEARNED = """Minutes are of the training clips that hold the instrument; a clip that holds several counts for
each. Sources are data sets; a group shares player, instrument and session."""
_RENDERED_GROUPS = "A preset of a soundfont is a group too."
_AVERAGE_PRECISION = f"""AP is average precision, with a 95 % interval that draws windows; those of a split
come from the same recordings, so the intervals are too narrow, most where there are few groups. F1 and
ROC-AUC with intervals are in `metrics.json`. {_UNTESTED.capitalize()}: nothing was held out."""
_NAMED = f"""Named right are held-out clips of which the likeliest label is true, in so many groups: those of
validation and test together, at most {MAX_CLIPS_PER_GROUP} of a group. What the others were taken for is
counted over all of them."""

Labels = Mapping[str, Mapping[str, Any]]  # facts by label, from `metrics.json`
Cell = Callable[[str], str]  # of a label


def instrument_table(config: CheckpointConfig, metrics: Mapping[str, Any], learned_from: str) -> str:
    """The section with a row for every label, without the columns that the metrics do not hold.

    Parameters
    ----------
    metrics
        What `metrics.json` holds; that of an earlier version lacks what was learned from, and intervals.
    learned_from
        `mixes` or `clips`.
    """
    columns = {**_learned_columns(metrics), **_score_columns(metrics, learned_from)}
    lines = [f"| instrument | {' | '.join(columns)} |", _alignment(columns)]
    for label in sorted(config.labels, key=_ORDER.__getitem__):
        cells = [_name(label, config), *(cell(label) for cell in columns.values())]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n\n".join(["## Every instrument", *_legend(config, metrics), "\n".join(lines)])


def _alignment(columns: Iterable[str]) -> str:
    """Words to the left, numbers to the right."""
    return "|---|" + "".join("---|" if title == _TAKEN_FOR else "--:|" for title in columns)


def _name(label: str, config: CheckpointConfig) -> str:
    return instrument(label).name + (" (experimental)" if label in config.experimental else "")


def _learned_columns(metrics: Mapping[str, Any]) -> dict[str, Cell]:
    learned = metrics.get("learned_by_label")
    if learned is None:
        return {}
    columns: dict[str, Cell] = {"minutes recorded (sources, groups)": partial(_recorded, learned)}
    if any(one["renderings"]["clips"] for one in learned.values()):
        columns["minutes rendered (soundfonts)"] = partial(_rendered, learned)
    return columns


def _score_columns(metrics: Mapping[str, Any], learned_from: str) -> dict[str, Cell]:
    columns: dict[str, Cell] = {
        f"AP in test {learned_from}": partial(_precision, metrics["test_mixes"]["labels"]),
        f"AP in validation {learned_from}": partial(_precision, metrics["validation_mixes"]["labels"]),
    }
    recordings, font = _solo_parts(metrics, _RECORDING_SCORES), _solo_parts(metrics, (FONT_SCORES,))
    if recordings:
        columns["recordings named right"] = partial(_named_right, recordings)
    if font:
        columns["held-out soundfont named right"] = partial(_named_right, font)
    if recordings or font:
        columns[_TAKEN_FOR] = partial(_taken_for, [*recordings, *font])
    return columns


def _solo_parts(metrics: Mapping[str, Any], names: Sequence[str]) -> list[Labels]:
    return [metrics[name]["labels"] for name in names if name in metrics]


def _recorded(learned: Labels, label: str) -> str:
    amount = learned[label]["recordings"]
    return f"{amount['minutes']:g} ({amount['sources']}, {amount['groups']})" if amount["clips"] else _NONE


def _rendered(learned: Labels, label: str) -> str:
    amount = learned[label]["renderings"]
    return f"{amount['minutes']:g} ({amount['sources']})" if amount["clips"] else _NONE


def _precision(scores: Labels, label: str) -> str:
    one = scores[label]
    if one["average_precision"] is None:
        return _UNTESTED
    return with_interval(one["average_precision"], one.get("average_precision_interval", _NO_INTERVAL))


def _named_right(parts: list[Labels], label: str) -> str:
    """Over parts that share no group."""
    tested = [part[label] for part in parts if label in part]
    if not tested:
        return _UNTESTED
    right = sum(round(one["clips"] * one["top1"]) for one in tested)
    text = f"{right} of {sum(one['clips'] for one in tested)}"
    if any("groups" not in one for one in tested):  # scored by an earlier version
        return text
    groups = sum(one["groups"] for one in tested)
    return f"{text} ({groups} group{'s' if groups > 1 else ''})"


def _taken_for(parts: list[Labels], label: str) -> str:
    tested = [part[label] for part in parts if label in part]
    if not tested:
        return _UNTESTED
    mistaken: Counter[str] = Counter()
    for one in tested:
        mistaken.update(one["taken_for"])
    most = sorted(mistaken.items(), key=lambda pair: (-pair[1], _ORDER[pair[0]]))[:_MISTAKES_SHOWN]
    return ", ".join(f"{instrument(name).name} {n}" for name, n in most) or _NONE


def _legend(config: CheckpointConfig, metrics: Mapping[str, Any]) -> list[str]:
    """Paragraphs on how to read the columns that there are."""
    parts = []
    if "learned_by_label" in metrics:
        parts.append("\n".join([_LEARNED, *_before(config)]))
    parts.append(_AVERAGE_PRECISION)
    if _solo_parts(metrics, (*_RECORDING_SCORES, FONT_SCORES)):
        parts.append(f"{_NAMED} {_RENDERED_GROUPS}" if FONT_SCORES in metrics else _NAMED)
    return parts


def _before(config: CheckpointConfig) -> list[str]:
    if config.init is None:
        return []
    return [f"What {config.init} had learned from came before it and is not counted by instrument."]
