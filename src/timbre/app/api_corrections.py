"""REST: what listeners say against the model, and the clips that one can learn from it."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, send_file

from timbre.app.bodies import json_object
from timbre.app.context import Context
from timbre.app.correction_archive import write_archive
from timbre.app.corrections import MAX_CORRECTIONS, checked, pieces
from timbre.app.playback import UPLOAD_FILE
from timbre.app.store import LAST_INDEX
from timbre.app.views import not_there
from timbre.audio.decode import DecodeLimits
from timbre.errors import TimbreError

ARCHIVE_NAME = "timbre-corrections.zip"


def blueprint(context: Context) -> Blueprint:
    """The routes under /api/songs/<song_id>/corrections."""
    routes = Blueprint("corrections", __name__, url_prefix="/api/songs/<song_id>/corrections")
    songs, store = context.songs, context.store

    @routes.get("")
    def show(song_id: str) -> Response:
        songs.get(song_id)
        return jsonify(corrections=store.corrections(song_id))

    @routes.post("")
    def add(song_id: str) -> tuple[Response, int]:
        song = songs.get(song_id)
        values = checked(json_object(), song)
        if len(store.corrections(song_id)) >= MAX_CORRECTIONS:
            raise TimbreError("too_many_corrections")
        added = store.add_correction(song_id, song["model"], values)
        return jsonify(id=added, **values, model=song["model"]), 201

    @routes.delete("/<int:correction_id>")
    def take_back(song_id: str, correction_id: int) -> tuple[str, int]:
        songs.get(song_id)
        if correction_id > LAST_INDEX or not store.delete_correction(song_id, correction_id):
            raise TimbreError(
                "not_found", "There is no such correction.", "It may have been taken back already."
            )
        return "", 204

    @routes.get("/export")
    def export(song_id: str) -> Response:
        song = songs.get(song_id)
        cut = pieces(store.corrections(song_id))
        if not cut:
            raise TimbreError("not_ready", "Nothing is corrected yet.", "Correct something first.")
        limits = DecodeLimits(max_duration_s=context.settings.max_duration_s)
        archive = write_archive(_sound(context, song), cut, song["model"], limits)
        return send_file(archive, "application/zip", as_attachment=True, download_name=ARCHIVE_NAME)

    return routes


def _sound(context: Context, song: dict[str, Any]) -> Path:
    """The recording, once all of it is there."""
    if song["state"] != "done":
        raise not_there(song)
    path = context.songs.folder(song["id"]) / UPLOAD_FILE
    if not path.is_file():
        raise TimbreError(
            "not_possible",
            "No recording of this song was kept.",
            "Ask for it before the microphone is on.",
        )
    return path
