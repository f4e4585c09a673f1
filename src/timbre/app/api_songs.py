"""REST: songs. Thin over `Songs` and the store; the shapes are those of the contract."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from flask import Blueprint, Response, jsonify, request, send_file, url_for

from timbre.app.context import Context
from timbre.app.store import LAST_INDEX
from timbre.app.views import song_view
from timbre.audio.picture import song_png
from timbre.errors import TimbreError
from timbre.models.exports import EXPORT_FORMATS
from timbre.models.tagged_song import TaggedSong
from timbre.taxonomy import LEVELS

_READ_BYTES = 1 << 13  # a read waits for all of it, and a slow line brings little
_VERDICTS = ("wrong", "missing")
_KEEP_FOREVER_S = 86_400  # a segment's picture never changes


def blueprint(context: Context) -> Blueprint:
    """The routes under /api/songs."""
    routes = Blueprint("songs", __name__, url_prefix="/api/songs")
    songs, store = context.songs, context.store

    @routes.post("")
    def create() -> tuple[Response, int]:
        if request.mimetype == "multipart/form-data":
            return _create_whole(context)
        body = _json_object()
        name, size_bytes = body.get("name"), body.get("size_bytes")
        known_size = size_bytes is None or (_is_whole(size_bytes) and size_bytes >= 0)
        if not isinstance(name, str) or not known_size:
            raise TimbreError("bad_request", "A song needs a name, and its size in bytes as a number.")
        song_id = songs.create(name, size_bytes)
        urls = {"url": url_for(".show", song_id=song_id), "upload_url": url_for(".upload", song_id=song_id)}
        return jsonify(id=song_id, **urls), 201

    @routes.put("/<song_id>/upload")
    def upload(song_id: str) -> Response:
        songs.receive(song_id, _body(), request.content_length)
        return jsonify(id=song_id, url=url_for(".show", song_id=song_id))

    @routes.get("/<song_id>")
    def show(song_id: str) -> Response:
        song = songs.get(song_id)
        view = song_view(song, context.tagging.position(song_id))
        return jsonify(**view, segments=[segment.as_dict() for segment in store.segments(song_id)])

    @routes.delete("/<song_id>")
    def delete(song_id: str) -> tuple[str, int]:
        songs.delete(song_id)
        return "", 204

    @routes.get("/<song_id>/segments")
    def segments(song_id: str) -> Response:
        songs.get(song_id)
        rows = store.segments(song_id, _after(request.args.get("after", "-1")))
        return jsonify(segments=[segment.as_dict() for segment in rows])

    @routes.get("/<song_id>/segments/<int:index>/spectrogram")
    def spectrogram(song_id: str, index: int) -> Response:
        songs.get(song_id)
        segment = store.segment(song_id, index) if index <= LAST_INDEX else None
        if segment is None:
            raise TimbreError("not_ready", "This segment is not tagged yet.")
        answer = Response(segment.spectrogram, mimetype="image/jpeg")
        answer.cache_control.max_age = _KEEP_FOREVER_S
        answer.cache_control.private = True
        return answer

    @routes.get("/<song_id>/audio")
    def audio(song_id: str) -> Response:
        song = songs.get(song_id)
        if song["audio_file"] is None:
            raise TimbreError("not_ready", "The sound of this song is not ready yet.")
        path = songs.folder(song_id) / song["audio_file"]
        try:
            return send_file(path, mimetype=song["audio_type"], conditional=True, max_age=0)
        except FileNotFoundError:  # deleted between the two lines above
            raise TimbreError("not_found") from None

    @routes.get("/<song_id>/export")
    def export(song_id: str) -> Response:
        return _export(context, song_id)

    @routes.get("/<song_id>/corrections")
    def corrections(song_id: str) -> Response:
        songs.get(song_id)
        return jsonify(corrections=store.corrections(song_id))

    @routes.post("/<song_id>/corrections")
    def correct(song_id: str) -> tuple[Response, int]:
        song = songs.get(song_id)
        values = _correction(_json_object(), song["labels"])
        store.add_correction(song_id, song["model"], values)
        return jsonify(**values, model=song["model"]), 201

    return routes


def _create_whole(context: Context) -> tuple[Response, int]:
    """The one-step upload: create and receive the form's file. A refused one leaves no song behind."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise TimbreError("bad_request", "The form has no field `file`.", "curl -F file=@song.mp3 ...")
    song_id = context.songs.create(file.filename)
    try:
        context.songs.receive(song_id, iter(lambda: file.stream.read(_READ_BYTES), b""), None)
    except TimbreError:
        context.songs.delete(song_id)
        raise
    return jsonify(id=song_id, url=url_for(".show", song_id=song_id)), 201


def _body() -> Iterator[bytes]:
    """The raw body, piece by piece as it arrives."""
    while piece := request.stream.read(_READ_BYTES):
        yield piece


def _json_object() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise TimbreError("bad_request", "The body is not a JSON object.")
    return body


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _after(text: str) -> int:
    try:
        index = int(text)
    except ValueError:
        index = -2
    if not -1 <= index <= LAST_INDEX:
        raise TimbreError("bad_request", "`after` must be the index of a segment.", "-1 gives all of them.")
    return index


def _correction(body: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    start_s, end_s = body.get("start_s"), body.get("end_s")
    if not (_is_number(start_s) and _is_number(end_s)) or not 0 <= start_s < end_s:  # type: ignore[operator]
        raise TimbreError("bad_request", "A correction needs start_s and end_s, in order.")
    if body.get("label") not in labels:
        raise TimbreError("bad_request", "The model has no such label.", "See /api/labels.")
    if body.get("verdict") not in _VERDICTS:
        raise TimbreError("bad_request", "The verdict must be wrong or missing.")
    return {"start_s": start_s, "end_s": end_s, "label": body["label"], "verdict": body["verdict"]}


def _export(context: Context, song_id: str) -> Response:
    song = context.songs.get(song_id)
    form = request.args.get("format", "json")
    if form not in (*EXPORT_FORMATS, "png"):
        raise TimbreError(
            "bad_request", "There is no such format.", f"Choose one of {', '.join(EXPORT_FORMATS)}, png."
        )
    if song["state"] != "done" and request.args.get("partial") != "1":
        raise TimbreError("not_ready", "The song is not done yet.", "Wait, or ask with partial=1.")
    if form == "png":
        return _png(context, song_id)
    tagged = _tagged_song(context, song)
    chosen = EXPORT_FORMATS[form]
    return _attachment(chosen.write(tagged), f"timbre{chosen.suffix}", chosen.media_type)


def _png(context: Context, song_id: str) -> Response:
    pictures = [segment.spectrogram for segment in context.store.segments(song_id, pictures=True)]
    if not pictures:
        raise TimbreError("not_ready")
    return _attachment(song_png(pictures), "timbre.png", "image/png")


def _tagged_song(context: Context, song: dict[str, Any]) -> TaggedSong:
    rows = context.store.segments(song["id"])
    labels = tuple(song["labels"])
    tagged = TaggedSong(
        name=song["name"],
        model=song["model"],
        duration_s=song["duration_s"] or (rows[-1].end_s if rows else 0.0),
        labels=labels,
        thresholds=np.array(song["thresholds"], np.float32),
        bounds_s=np.array([(row.start_s, row.end_s) for row in rows]).reshape(-1, 2),
        probabilities=np.array([row.probabilities for row in rows], np.float32).reshape(-1, len(labels)),
    )
    level = request.args.get("level", "leaf")
    if level not in LEVELS:
        raise TimbreError("bad_request", "There is no such level.", f"Choose one of {', '.join(LEVELS)}.")
    tagged = tagged.at_level(level)
    threshold = request.args.get("threshold")
    return tagged if threshold is None else tagged.with_threshold(_probability(threshold))


def _probability(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise TimbreError("bad_request", "The threshold must be a number from 0 to 1.")
    return value


def _attachment(body: str | bytes, name: str, media_type: str) -> Response:
    answer = Response(body, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
