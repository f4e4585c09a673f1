"""The HTTP contract as OpenAPI 3.1. A test holds it against the routes."""

from typing import Any

from timbre import __version__
from timbre.app.openapi_schemas import ref, schemas
from timbre.models.exports import EXPORT_FORMATS
from timbre.taxonomy import LEVELS


def _answers(
    *codes: str, content: str = "application/json", shape: str | None = None, **errors: str
) -> dict[str, Any]:
    """Responses: those that went well, then those that did not (`_404="why"`)."""
    body = {content: {"schema": ref(shape)} if shape else {}}
    good = {
        code: {"description": "As asked", **({} if code == "204" else {"content": body})} for code in codes
    }
    bad = {
        code.strip("_"): {"description": why, "content": {"application/json": {"schema": ref("Error")}}}
        for code, why in errors.items()
    }
    return {"responses": {**good, **bad}}


def _query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


_SONG = {"name": "song_id", "in": "path", "required": True, "schema": {"type": "string"}}
_INDEX = {"name": "index", "in": "path", "required": True, "schema": {"type": "integer"}}
_CORRECTION = {"name": "correction_id", "in": "path", "required": True, "schema": {"type": "integer"}}
_GONE = {"_404": "There is no such song"}


def openapi() -> dict[str, Any]:
    """The document of `GET /api/openapi.json`."""
    formats = [*EXPORT_FORMATS, "png"]
    export_query = [
        _query("format", enum=formats),
        _query("level", enum=list(LEVELS)),
        _query("threshold", type="number", minimum=0, maximum=1),
        _query("thresholds", type="string", examples=["piano:0.4,violin:0.6"]),
        _query("partial", enum=["1"]),
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Timbre", "version": __version__},
        "components": {"schemas": schemas()},
        "paths": {
            "/api/songs": {
                "post": {
                    "summary": "Create a song: {name, size_bytes?}, or whole, as a form's field `file`",
                    **_answers(
                        "201", shape="Created",
                        _400="Malformed", _413="Too large", _429="Queue full", _507="No room",
                    ),
                }
            },
            "/api/songs/{song_id}/upload": {
                "parameters": [_SONG],
                "put": {
                    "summary": "The bytes of the song",
                    "requestBody": {"content": {"application/octet-stream": {}}},
                    **_answers(
                        "200", shape="Created", **_GONE, _400="Empty", _408="Stalled", _409="Again",
                        _413="Too large", _415="Not audio", _507="Disk full",
                    ),
                },
            },
            "/api/songs/{song_id}": {
                "parameters": [_SONG],
                "get": {"summary": "The song so far", **_answers("200", shape="Song", **_GONE)},
                "delete": {"summary": "Delete every trace of it", **_answers("204", **_GONE)},
            },
            "/api/songs/{song_id}/segments": {
                "parameters": [_SONG],
                "get": {
                    "summary": "Segments with a greater index",
                    "parameters": [_query("after", type="integer", default=-1)],
                    **_answers("200", shape="Segments", **_GONE),
                },
            },
            "/api/songs/{song_id}/segments/{index}/spectrogram": {
                "parameters": [_SONG, _INDEX],
                "get": {
                    "summary": "The picture of one second",
                    **_answers("200", content="image/jpeg", **_GONE, _409="Not tagged yet"),
                },
            },
            "/api/songs/{song_id}/audio": {
                "parameters": [_SONG],
                "get": {
                    "summary": "What the browser plays, with Range",
                    **_answers("200", "206", content="audio/*", **_GONE, _409="Not ready yet"),
                },
            },
            "/api/songs/{song_id}/export": {
                "parameters": [_SONG],
                "get": {
                    "summary": "The tags in a format of other programs",
                    "parameters": export_query,
                    **_answers("200", content="*/*", **_GONE, _400="Unknown format", _409="Not done yet"),
                },
            },
            "/api/songs/{song_id}/corrections": {
                "parameters": [_SONG],
                "get": {"summary": "All corrections", **_answers("200", shape="Corrections", **_GONE)},
                "post": {
                    "summary": "{start_s, end_s, label, verdict: wrong|missing}",
                    **_answers("201", shape="Correction", **_GONE, _400="Malformed", _409="Too many"),
                },
            },
            "/api/songs/{song_id}/corrections/{correction_id}": {
                "parameters": [_SONG, _CORRECTION],
                "delete": {"summary": "Take it back", **_answers("204", **_GONE)},
            },
            "/api/songs/{song_id}/corrections/export": {
                "parameters": [_SONG],
                "get": {
                    "summary": "The corrected ranges as clips to learn from, in a zip",
                    **_answers(
                        "200", content="application/zip", **_GONE, _400="No recording was kept",
                        _409="Not done, or nothing corrected", _429="Another song is being cut",
                    ),
                },
            },
            "/api/songs/{song_id}/single": {
                "parameters": [_SONG],
                "get": {
                    "summary": "One name for a note or one-shot, and the confidence of each label",
                    **_answers("200", shape="SingleSound", **_GONE, _409="Not done yet"),
                },
            },
            "/api/labels": {
                "get": {
                    "summary": "The labels, in the order of every array: the model's, or a song's own",
                    "parameters": [_query("song", type="string")],
                    **_answers("200", shape="Labels", **_GONE),
                }
            },
            "/api/model": {"get": {"summary": "The model card", **_answers("200")}},
            "/api/config": {"get": {"summary": "Limits and numbers of the page", **_answers("200")}},
            "/api/openapi.json": {"get": {"summary": "This document", **_answers("200")}},
            "/healthz": {"get": {"summary": "The process is alive", **_answers("200")}},
            "/readyz": {"get": {"summary": "It can do its work", **_answers("200", _503="Why not")}},
            "/metrics": {"get": {"summary": "For Prometheus", **_answers("200", content="text/plain")}},
        },
    }  # fmt: skip
