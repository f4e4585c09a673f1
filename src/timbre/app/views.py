"""Rows of the store as the interfaces show them. One place, so that REST and socket agree."""

import math
from collections.abc import Mapping
from typing import Any

from timbre.app.store import StoredSegment
from timbre.errors import TimbreError
from timbre.models.tagger import Tagger
from timbre.taxonomy import FAMILIES, instrument


def song_view(song: Mapping[str, Any], queue_position: int | None) -> dict[str, Any]:
    """A song as `GET /api/songs/<id>` gives it, without its segments."""
    return {
        "id": song["id"],
        "name": song["name"],
        "state": song["state"],
        "progress": _progress(song),
        "queue_position": queue_position,
        "duration_s": song["duration_s"],
        "duration_estimate_s": song["duration_estimate_s"],
        "warnings": song["warnings"],
        "error": song["error"],
        "model": song["model"],
        "labels": song["labels"],
        "created_at": song["created_at"],
        "expires_at": song["expires_at"],
        "playback": {
            "url": f"/api/songs/{song['id']}/audio",
            "exact": bool(song["audio_exact"]),
            "ready": song["audio_file"] is not None,
        },
    }


def _progress(song: Mapping[str, Any]) -> dict[str, Any]:
    tagged = song["tagged"]
    if song["state"] == "done":
        return {"tagged": tagged, "expected": tagged, "fraction": 1.0}
    if not song["duration_estimate_s"]:
        return {"tagged": tagged, "expected": None, "fraction": None}
    expected = max(math.ceil(song["duration_estimate_s"]), tagged)
    return {"tagged": tagged, "expected": expected, "fraction": tagged / expected}


def not_there(
    song: Mapping[str, Any], message: str = "The song is not done yet.", hint: str | None = None
) -> TimbreError:
    """Why a song has not what it will have when it is done: it is not, or never will be."""
    if song["state"] == "failed":
        return TimbreError("song_failed")
    return TimbreError("not_ready", message, hint)


def segment_event(song_id: str, segment: StoredSegment) -> dict[str, Any]:
    """A segment as the socket sends it: `spectrogram` travels as binary."""
    return {"song_id": song_id, **segment.as_dict(), "spectrogram": segment.spectrogram}


def labels_view(tagger: Tagger) -> list[dict[str, Any]]:
    """The model's labels in the order of every array of probabilities."""
    return _label_rows(tagger, {label: tagger.config.thresholds[label] for label in tagger.labels})


def song_labels_view(tagger: Tagger, song: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The labels of the model that tagged this song, which may have been another one."""
    return _label_rows(tagger, dict(zip(song["labels"], song["thresholds"], strict=True)))


def _label_rows(tagger: Tagger, thresholds: Mapping[str, float]) -> list[dict[str, Any]]:
    rows = []
    for label, threshold in thresholds.items():
        one = instrument(label)
        row = {
            name: getattr(one, name)
            for name in ("id", "name", "family", "parent", "piece_of", "colour", "openmic")
        }
        row["threshold"] = threshold
        row["experimental"] = label in tagger.config.experimental
        rows.append(row)
    return rows


def families_view() -> list[dict[str, str]]:
    """Families in the order of the page."""
    return [{"id": id_, "name": name, "colour": colour} for id_, (name, colour) in FAMILIES.items()]
