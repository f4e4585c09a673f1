"""A tagged song in the formats that other programs open. Each is a pure function to text.

JSON and CSV hold every probability of every label; Audacity, WebVTT and JAMS hold intervals, the
stretches in which a label is at or above its threshold. All of them are the model's own numbers, and name the
thresholds where the format has a place for it. Columns and keys are part of the contract.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from timbre.models.tagged_song import Interval, TaggedSong

SCHEMA_VERSION = 1
_DIGITS = 5


def as_dict(song: TaggedSong) -> dict[str, Any]:
    """The object of `timbre tag --format json`."""
    return {
        "file": song.name,
        "model": song.model,
        "duration_s": song.duration_s,
        "schema_version": SCHEMA_VERSION,
        "level": song.level,
        "thresholds": _thresholds(song),
        "segments": [
            {
                "start_s": float(start_s),
                "end_s": float(end_s),
                "probabilities": {
                    label: round(float(p), _DIGITS) for label, p in zip(song.labels, row, strict=True)
                },
            }
            for (start_s, end_s), row in zip(song.bounds_s, song.probabilities, strict=True)
        ],
    }


def to_json(song: TaggedSong) -> str:
    """One object on one line."""
    return json.dumps(as_dict(song), ensure_ascii=False) + "\n"


def to_csv(song: TaggedSong) -> str:
    """A header, then a row a segment: `file, start_s, end_s` and a column a label (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["file", "start_s", "end_s", *song.labels])
    for (start_s, end_s), row in zip(song.bounds_s, song.probabilities, strict=True):
        values = [f"{p:.{_DIGITS}f}" for p in row]
        writer.writerow([inert(song.name), f"{start_s:g}", f"{end_s:.6g}", *values])
    return out.getvalue()


def to_audacity(song: TaggedSong) -> str:
    """A label track: start, end, label, separated by tabs."""
    return "".join(f"{i.start_s:.6f}\t{i.end_s:.6f}\t{i.label}\n" for i in song.intervals())


def to_webvtt(song: TaggedSong) -> str:
    """Captions: a cue an interval, with the model's confidence; model and thresholds in a comment."""
    thresholds = " ".join(f"{label}={threshold:g}" for label, threshold in _thresholds(song).items())
    note = f"NOTE\nmodel {song.model}, thresholds: {thresholds}".replace("-->", "->")
    cues = [
        f"{_clock(i.start_s)} --> {_clock(i.end_s)}\n{i.label} {i.confidence:.0%}\n" for i in song.intervals()
    ]
    return "\n".join(["WEBVTT\n", note + "\n", *cues])


def to_jams(song: TaggedSong) -> str:
    """A JAMS file (Humphrey et al., 2014) with one `tag_open` annotation of the intervals.

    Its schema wants a duration: of a song whose end is not known yet, what is tagged of it.
    """
    duration_s = float(song.bounds_s.max(initial=0.0)) if song.duration_s is None else song.duration_s
    annotation = {
        "annotation_metadata": {
            "annotation_tools": "Timbre",
            "annotator": {"model": song.model},
            "annotation_rules": f"{song.level} labels at or above their thresholds",
            "data_source": "program",
            "corpus": "",
            "curator": {"name": "", "email": ""},
            "validation": "",
            "version": str(SCHEMA_VERSION),
        },
        "namespace": "tag_open",
        "data": [_jams_row(interval) for interval in song.intervals()],
        "sandbox": {"level": song.level, "thresholds": _thresholds(song)},
        "time": 0.0,
        "duration": duration_s,
    }
    metadata = {
        "title": song.name,
        "artist": "",
        "release": "",
        "duration": duration_s,
        "identifiers": {},
        "jams_version": "0.3.5",
    }
    jams = {"annotations": [annotation], "file_metadata": metadata, "sandbox": {}}
    return json.dumps(jams, ensure_ascii=False) + "\n"


def _thresholds(song: TaggedSong) -> dict[str, float]:
    """As they were written down, without the noise of single precision."""
    return {
        label: round(float(threshold), _DIGITS)
        for label, threshold in zip(song.labels, song.thresholds, strict=True)
    }


def _jams_row(interval: Interval) -> dict[str, Any]:
    return {
        "time": interval.start_s,
        "duration": interval.end_s - interval.start_s,
        "value": interval.label,
        "confidence": round(interval.confidence, _DIGITS),
    }


def inert(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1_000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1_000:02d}.{rest % 1_000:03d}"


@dataclass(frozen=True)
class ExportFormat:
    """How a format is written and named."""

    write: Callable[[TaggedSong], str]
    suffix: str
    media_type: str


EXPORT_FORMATS: dict[str, ExportFormat] = {
    "json": ExportFormat(to_json, ".json", "application/json"),
    "csv": ExportFormat(to_csv, ".csv", "text/csv"),
    "audacity": ExportFormat(to_audacity, ".txt", "text/plain"),
    "jams": ExportFormat(to_jams, ".jams", "application/json"),
    "webvtt": ExportFormat(to_webvtt, ".vtt", "text/vtt"),
}
