"""REST: songs. Thin over `Songs` and the store; the shapes are those of the contract."""

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from flask import Blueprint, Response, jsonify, request, send_file, url_for
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

from timbre.app.bodies import is_whole, json_object
from timbre.app.context import Context
from timbre.app.front import EXCHANGE
from timbre.app.store import LAST_INDEX, WORKING
from timbre.app.views import not_there, song_view
from timbre.errors import TimbreError
from timbre.models.exports import EXPORT_FORMATS
from timbre.models.single_sound import single_sound
from timbre.models.song_picture import song_png
from timbre.models.tagged_song import TaggedSong
from timbre.taxonomy import LEVELS

_READ_BYTES = 1 << 13  # a read waits for all of it, and a slow line brings little
_INDEX = re.compile("-1|[0-9]{1,10}")  # the digits of the largest
_KEEP_FOREVER_S = 86_400  # a segment's picture never changes


def blueprint(context: Context) -> Blueprint:
    """The routes under /api/songs."""
    routes = Blueprint("songs", __name__, url_prefix="/api/songs")
    songs, store = context.songs, context.store

    @routes.post("")
    def create() -> tuple[Response, int]:
        if request.mimetype == "multipart/form-data":
            return _create_whole(context)
        body = json_object()
        name, size_bytes = body.get("name"), body.get("size_bytes")
        known_size = size_bytes is None or (is_whole(size_bytes) and size_bytes >= 0)
        if not isinstance(name, str) or not known_size:
            raise TimbreError("bad_request", "A song needs a name, and its size in bytes as a number.")
        song_id = _counted(context, name, size_bytes)
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
        songs.get(song_id)  # one that has expired is gone, though not swept yet
        songs.delete(song_id)
        return "", 204

    @routes.get("/<song_id>/segments")
    def segments(song_id: str) -> Response:
        songs.get(song_id)
        rows = store.segments(song_id, _after(request.args.get("after", "-1")))
        return jsonify(segments=[segment.as_dict() for segment in rows])

    @routes.get("/<song_id>/segments/<int:index>/spectrogram")
    def spectrogram(song_id: str, index: int) -> Response:
        song = songs.get(song_id)
        segment = store.segment(song_id, index) if index <= LAST_INDEX else None
        if segment is None:
            raise _no_segment(song, index)
        answer = Response(segment.spectrogram, mimetype="image/jpeg")
        answer.cache_control.max_age = _KEEP_FOREVER_S
        answer.cache_control.private = True
        return answer

    @routes.get("/<song_id>/audio")
    def audio(song_id: str) -> Response:
        song = songs.get(song_id)
        if song["audio_file"] is None:
            raise not_there(song, "The sound of this song is not ready yet.")
        path = songs.folder(song_id) / song["audio_file"]
        try:
            _forget_odd_range(path.stat().st_size)
            return send_file(path, mimetype=song["audio_type"], conditional=True, max_age=0)
        except FileNotFoundError:  # deleted between the lines above
            raise TimbreError("not_found") from None

    @routes.get("/<song_id>/export")
    def export(song_id: str) -> Response:
        return _export(context, song_id)

    @routes.get("/<song_id>/single")
    def single(song_id: str) -> Response:
        song = songs.get(song_id)
        if song["state"] != "done":
            raise not_there(song)
        sound = single_sound(_tagged_song(context, song))
        confidences = [sound.confidences[label] for label in song["labels"]]
        return jsonify(
            instrument=sound.instrument, confidences=confidences, labels=song["labels"], model=song["model"]
        )

    return routes


def _create_whole(context: Context) -> tuple[Response, int]:
    """The one-step upload: create and receive the form's file. A refused one leaves no song behind."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise TimbreError("bad_request", "The form has no field `file`.", "curl -F file=@song.mp3 ...")
    song_id = _counted(context, file.filename)
    try:
        context.songs.receive(song_id, iter(lambda: file.stream.read(_READ_BYTES), b""), None)
    except TimbreError:
        context.songs.delete(song_id)
        raise
    return jsonify(id=song_id, url=url_for(".show", song_id=song_id)), 201


def _counted(context: Context, name: str, size_bytes: int | None = None) -> str:
    """A new song, of which the client's address may have only so many."""
    client = request.environ[EXCHANGE].client
    context.limits.song(client)
    song_id = context.songs.create(name, size_bytes)
    context.limits.made(client, song_id)
    return song_id


def _body() -> Iterator[bytes]:
    """The raw body, piece by piece as it arrives."""
    try:
        while piece := request.stream.read(_READ_BYTES):
            yield piece
    except ParseException:  # of its chunks
        raise TimbreError("bad_request") from None


def _no_segment(song: Mapping[str, Any], index: int) -> TimbreError:
    """Why a segment is not there: not yet, or it never will be."""
    if song["state"] in WORKING and index <= LAST_INDEX:
        return TimbreError("not_ready", "This segment is not tagged yet.")
    return TimbreError(
        "not_found",
        "There is no such segment.",
        "A song has one for each second that was tagged, counted from 0; a song that failed has none.",
    )


def _forget_odd_range(size_bytes: int) -> None:
    """Let whoever asks for anything but one range of bytes have the whole file, as RFC 9110 allows.

    The library would refuse it, as if it were beyond the end.
    """
    asked = request.range
    ranges = asked.ranges if asked is not None and asked.units == "bytes" else []
    if len(ranges) != 1 or ranges[0][0] < -size_bytes:  # the last of more bytes than it has
        request.environ.pop("HTTP_RANGE", None)


def _after(text: str) -> int:
    index = int(text) if _INDEX.fullmatch(text) else -2
    if not -1 <= index <= LAST_INDEX:
        raise TimbreError("bad_request", "`after` must be the index of a segment.", "-1 gives all of them.")
    return index


def _export(context: Context, song_id: str) -> Response:
    song = context.songs.get(song_id)
    form = request.args.get("format", "json")
    if form not in (*EXPORT_FORMATS, "png"):
        raise TimbreError(
            "bad_request", "There is no such format.", f"Choose one of {', '.join(EXPORT_FORMATS)}, png."
        )
    if song["state"] != "done" and request.args.get("partial") != "1":
        raise not_there(song, hint="Wait, or ask with partial=1.")
    tagged = _as_asked(_tagged_song(context, song))
    stem = PurePosixPath(song["name"].replace("\\", "/")).stem
    if form == "png":
        pictures = [row.spectrogram for row in context.store.segments(song_id, pictures=True)]
        return _attachment(song_png(tagged, pictures), f"{stem}.png", "image/png")
    chosen = EXPORT_FORMATS[form]
    return _attachment(chosen.write(tagged), stem + chosen.suffix, chosen.media_type)


def _tagged_song(context: Context, song: dict[str, Any]) -> TaggedSong:
    rows = context.store.segments(song["id"])
    labels = tuple(song["labels"])
    return TaggedSong(
        name=song["name"],
        model=song["model"],
        duration_s=song["duration_s"],
        labels=labels,
        thresholds=np.array(song["thresholds"], np.float32),
        bounds_s=np.array([(row.start_s, row.end_s) for row in rows]).reshape(-1, 2),
        probabilities=np.array([row.probabilities for row in rows], np.float32).reshape(-1, len(labels)),
    )


def _as_asked(tagged: TaggedSong) -> TaggedSong:
    """The song at the level and with the thresholds that the query names."""
    level = request.args.get("level", "leaf")
    if level not in LEVELS:
        raise TimbreError("bad_request", "There is no such level.", f"Choose one of {', '.join(LEVELS)}.")
    tagged = tagged.at_level(level)
    threshold = request.args.get("threshold")
    if threshold is not None:
        tagged = tagged.with_threshold(_probability(threshold))
    return tagged.with_own_thresholds(_own_thresholds(request.args.get("thresholds", ""), tagged.labels))


def _own_thresholds(text: str, labels: tuple[str, ...]) -> dict[str, float]:
    """`piano:0.4,violin:0.6` as numbers by label; `labels` are those that the song has at this level."""
    pairs = (pair.rpartition(":") for pair in text.split(",") if pair)
    chosen = {label: _probability(value) for label, _, value in pairs}
    if not chosen.keys() <= set(labels):
        raise TimbreError(
            "bad_request",
            "`thresholds` names a label that is not among the song's.",
            "Write thresholds=piano:0.4,violin:0.6 with labels of the level asked for.",
        )
    return chosen


def _probability(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise TimbreError("bad_request", "The threshold must be a number from 0 to 1.")
    return value


def _attachment(body: str | bytes, name: str, media_type: str) -> Response:
    content = io.BytesIO(body.encode() if isinstance(body, str) else body)
    return send_file(
        content, media_type, as_attachment=True, download_name=name, conditional=False, etag=False
    )
