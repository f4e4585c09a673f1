"""A listening test as text for a terminal."""

from typing import Any

from timbre.models.listening.scores import MEASURES


def report_lines(result: dict[str, Any]) -> list[str]:
    """The comparison as text for a terminal."""
    columns = ("solo_files", *MEASURES, "commonest_top1")
    lines = _table(result, columns)
    if "difference" in result:
        gains = [f"{name} {_gain(*gain)}" for name, gain in result["difference"].items() if None not in gain]
        lines.append("model less reference, 95 % over files: " + ", ".join(gains))
    lines += _second_lines("songs", result["songs"], ("seconds", "lrap", "map", "micro_ap"))
    lines += _steady_lines(result["steadiness"])
    lines += _second_lines("singing", result["voice"], ("seconds", "singing", "roc_auc", "ap"))
    for name, alarm in result["false_alarms"].items():
        what = f": {', '.join(alarm['labels'])}" if alarm["labels"] else ""
        lines.append(f"{name}: no instrument, one named in {alarm['share']:.0%} of its seconds{what}")
    for answer in result["solo"]:
        if answer["model"] != answer["truth"]:
            lines.append(
                f"{answer['file']}: {answer['truth']} taken for {answer['model']} ({answer['probability']})"
            )
    return lines


def _table(result: dict[str, Any], columns: tuple[str, ...]) -> list[str]:
    lines = [f"{'':12}" + "".join(f"{column:>16}" for column in columns)]
    for name in ("model", "reference"):
        if name in result:
            cells = ["-" if result[name][column] is None else result[name][column] for column in columns]
            lines.append(f"{name:12}" + "".join(f"{cell:>16}" for cell in cells))
    return lines


def _steady_lines(steady: dict[str, Any]) -> list[str]:
    if not steady["passages"]:
        return []
    lines = [
        f"{steady['passages']} passages of one label: named in {steady['named_share']:.0%} of their seconds, "
        f"{steady['changes_a_minute']:.1f} changes a minute"
    ]
    if steady["entries"]:
        lines[0] += (
            f"; {steady['met_entries_share']:.0%} of {steady['entries']} entries named within a second"
        )
    return lines


def _gain(gain: float, low: float, high: float) -> str:
    return f"{gain:+.2f} ({low:+.2f} to {high:+.2f})"


def _second_lines(title: str, result: dict[str, Any], columns: tuple[str, ...]) -> list[str]:
    if not result["files"]:
        return []
    return [f"{title}, second by second ({len(result['files'])} files)", *_table(result, columns)]
