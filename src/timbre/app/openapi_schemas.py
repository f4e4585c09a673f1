"""The shapes of answers in the HTTP contract, as JSON Schema. A test holds real answers against them.

Every property is always there; clients must not mind others that come later.
"""

from typing import Any

from timbre.app.corrections import VERDICTS
from timbre.errors import PROBLEMS

STATES = ("uploading", "queued", "decoding", "tagging", "done", "failed", "cancelled")
_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_COUNT = {"type": "integer", "minimum": 0}
_COLOUR = {"type": "string", "pattern": "^#[0-9A-F]{6}$"}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}


def ref(name: str) -> dict[str, str]:
    """A reference to one of `schemas()`."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> dict[str, Any]:
    """The shapes by their names."""
    return {
        "Problem": _object(code={"enum": sorted(PROBLEMS)}, message=_TEXT, hint=_TEXT),
        "Error": _object(error=ref("Problem")),
        "Created": _object(id=_TEXT, url=_TEXT),
        "Progress": _object(tagged=_COUNT, expected=_or_null(_COUNT), fraction=_or_null(_SHARE)),
        "Playback": _object(url=_TEXT, exact={"type": "boolean"}, ready={"type": "boolean"}),
        "Segment": _object(
            index=_COUNT, start_s=_NUMBER, end_s=_NUMBER, probabilities=_list(_SHARE), peaks=_list(_SHARE)
        ),
        "Segments": _object(segments=_list(ref("Segment"))),
        "Song": _object(
            id=_TEXT,
            name=_TEXT,
            state={"enum": list(STATES)},
            progress=ref("Progress"),
            queue_position=_or_null(_COUNT),
            duration_s=_or_null(_NUMBER),
            duration_estimate_s=_or_null(_NUMBER),
            warnings=_list(_TEXT),
            error=_or_null(ref("Problem")),
            model=_TEXT,
            labels=_list(_TEXT),
            created_at=_NUMBER,
            expires_at=_NUMBER,
            playback=ref("Playback"),
            segments=_list(ref("Segment")),
        ),
        "Label": _object(
            id=_TEXT,
            name=_TEXT,
            family=_TEXT,
            parent=_or_null(_TEXT),
            piece_of=_or_null(_TEXT),
            colour=_COLOUR,
            openmic=_or_null(_TEXT),
            threshold=_SHARE,
            experimental={"type": "boolean"},
        ),
        "Labels": _object(labels=_list(ref("Label"))),
        "Correction": _object(
            id=_COUNT,
            start_s=_NUMBER,
            end_s=_NUMBER,
            label=_TEXT,
            verdict={"enum": list(VERDICTS)},
            model=_TEXT,
        ),
        "Corrections": _object(corrections=_list(ref("Correction"))),
        "Config": _object(
            formats=_list(_TEXT),
            max_bytes=_COUNT,
            max_duration_s=_NUMBER,
            expiry_s=_NUMBER,
            single_below_s=_NUMBER,
            ack_window=_COUNT,
            segment_s=_NUMBER,
            peaks_per_segment=_COUNT,
            spectrogram=_object(
                width_px=_COUNT,
                height_px=_COUNT,
                darkest_db=_NUMBER,
                lightest_db=_NUMBER,
                f_max_hz=_NUMBER,
            ),
            families=_list(_object(id=_TEXT, name=_TEXT, colour=_COLOUR)),
            example=_or_null(_object(url=_TEXT, name=_TEXT)),
        ),
        "Health": _object(status={"const": "alive"}),
        "Readiness": {
            "oneOf": [
                _object(status={"const": "ready"}),
                _object(status={"const": "not ready"}, reason=_TEXT),
            ]
        },
        "SingleSound": _object(instrument=_TEXT, confidences=_list(_SHARE), labels=_list(_TEXT), model=_TEXT),
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(schema: Any) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}
