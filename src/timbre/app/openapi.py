"""The HTTP contract as OpenAPI 3.1. Tests hold it against the routes and against what they answer."""

from typing import Any

from timbre import __version__
from timbre.app.openapi_calls import DECODES, READS, RECEIVES, WRITES, Call, parameters, query
from timbre.app.openapi_schemas import schemas
from timbre.models.exports import EXPORT_FORMATS
from timbre.taxonomy import LEVELS

_GONE = ("not_found",)
_EXPORT_QUERY = [
    query("format", enum=[*EXPORT_FORMATS, "png"]),
    query("level", enum=list(LEVELS)),
    query("threshold", type="number", minimum=0, maximum=1),
    query("thresholds", type="string", examples=["piano:0.4,violin:0.6"]),
    query("partial", enum=["1"]),
]
_CALLS = {
    "/api/songs": {
        "post": Call(
            "Create a song: {name, size_bytes?}, or whole, as a form's field `file`",
            (*RECEIVES, "too_many_unfinished"),
            statuses=("201",),
            shape="Created",
        ),
    },
    "/api/songs/{song_id}/upload": {
        "put": Call(
            "The bytes of the song",
            (*RECEIVES, "already_uploaded"),
            shape="Created",
            more={"requestBody": {"content": {"application/octet-stream": {}}}},
        ),
    },
    "/api/songs/{song_id}": {
        "get": Call("The song so far", _GONE, shape="Song"),
        "delete": Call("Delete every trace of it", (*_GONE, *WRITES), statuses=("204",)),
    },
    "/api/songs/{song_id}/segments": {
        "get": Call(
            "Segments with a greater index",
            (*_GONE, "bad_request"),
            shape="Segments",
            more={"parameters": [query("after", type="integer", default=-1)]},
        ),
    },
    "/api/songs/{song_id}/segments/{index}/spectrogram": {
        "get": Call("The picture of one second", (*_GONE, "not_ready"), content="image/jpeg"),
    },
    "/api/songs/{song_id}/audio": {
        "get": Call(
            "What the browser plays, with Range",
            (*_GONE, "not_ready", "song_failed"),
            statuses=("200", "206", "304", "412"),
            content="audio/*",
            odd={"416": "bad_request"},
        ),
    },
    "/api/songs/{song_id}/export": {
        "get": Call(
            "The tags in a format of other programs",
            (*_GONE, "bad_request", "not_ready", "song_failed"),
            content="*/*",
            more={"parameters": _EXPORT_QUERY},
        ),
    },
    "/api/songs/{song_id}/corrections": {
        "get": Call("All corrections", _GONE, shape="Corrections"),
        "post": Call(
            "{start_s, end_s, label, verdict: wrong|missing}",
            (*_GONE, *READS, *WRITES, "too_many_corrections"),
            statuses=("201",),
            shape="Correction",
        ),
    },
    "/api/songs/{song_id}/corrections/{correction_id}": {
        "delete": Call("Take it back", (*_GONE, *WRITES), statuses=("204",)),
    },
    "/api/songs/{song_id}/corrections/export": {
        "get": Call(
            "The corrected ranges as clips to learn from, in a zip",
            (*_GONE, *DECODES, "not_possible", "not_ready", "song_failed", "queue_full"),
            content="application/zip",
        ),
    },
    "/api/songs/{song_id}/single": {
        "get": Call(
            "One name for a note or one-shot, and the confidence of each label",
            (*_GONE, "not_ready", "song_failed"),
            shape="SingleSound",
        ),
    },
    "/api/labels": {
        "get": Call(
            "The labels, in the order of every array: the model's, or a song's own",
            _GONE,
            shape="Labels",
            more={"parameters": [query("song", type="string")]},
        ),
    },
    "/api/model": {"get": Call("The model card")},
    "/api/config": {"get": Call("Limits and numbers of the page", shape="Config")},
    "/api/openapi.json": {"get": Call("This document")},
    "/healthz": {"get": Call("The process is alive", shape="Health")},
    "/readyz": {"get": Call("It can do its work, or why not", statuses=("200", "503"), shape="Readiness")},
    "/metrics": {"get": Call("For Prometheus", ("unknown_address",), content="text/plain")},
}


def openapi() -> dict[str, Any]:
    """The document of `GET /api/openapi.json`."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Timbre", "version": __version__},
        "components": {"schemas": schemas()},
        "paths": {
            path: parameters(path) | {method: call.described(path) for method, call in calls.items()}
            for path, calls in _CALLS.items()
        },
    }
