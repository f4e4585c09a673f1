"""REST: what the service is and how it is: labels, model, limits, health, metrics, contract."""

import hmac
import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from timbre.app.context import Context
from timbre.app.delivery import ACK_WINDOW
from timbre.app.metrics import CONTENT_TYPE
from timbre.app.openapi import openapi
from timbre.app.readiness import Readiness
from timbre.app.views import families_view, labels_view, song_labels_view
from timbre.audio.container import FORMATS
from timbre.audio.picture import DARKEST_DB, HEIGHT_PX, LIGHTEST_DB, WIDTH_PX
from timbre.audio.segments import PEAKS_PER_SEGMENT, SEGMENT_S
from timbre.errors import TimbreError
from timbre.models.checkpoint import CARD_FILE, METRICS_FILE
from timbre.models.single_sound import BELOW_S
from timbre.paths import STATIC_DIR

_EXAMPLE = {"url": "/static/example/song.mp3", "name": "Timbre example song.mp3"}


def blueprint(context: Context) -> Blueprint:
    """Everything that is not a song."""
    routes = Blueprint("service", __name__)
    readiness = Readiness(context)

    @routes.get("/api/labels")
    def labels() -> Response:
        song_id = request.args.get("song")
        if song_id is None:
            return jsonify(labels=labels_view(context.tagger))
        return jsonify(labels=song_labels_view(context.tagger, context.songs.get(song_id)))

    @routes.get("/api/model")
    def model() -> Response:
        return jsonify(_model_card(context))

    @routes.get("/api/config")
    def config() -> Response:
        settings = context.settings
        return jsonify(
            formats=list(FORMATS),
            max_bytes=settings.max_bytes,
            max_duration_s=settings.max_duration_s,
            expiry_s=settings.expiry_s,
            single_below_s=BELOW_S,
            ack_window=ACK_WINDOW,
            segment_s=SEGMENT_S,
            peaks_per_segment=PEAKS_PER_SEGMENT,
            spectrogram={
                "width_px": WIDTH_PX,
                "height_px": HEIGHT_PX,
                "darkest_db": DARKEST_DB,
                "lightest_db": LIGHTEST_DB,
                "f_max_hz": context.tagger.config.front_end["f_max_hz"],
            },
            families=families_view(),
            example=_EXAMPLE if (STATIC_DIR / "example" / "song.mp3").is_file() else None,
        )

    @routes.get("/api/openapi.json")
    def contract() -> Response:
        return jsonify(openapi())

    @routes.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="alive")

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        reason = readiness.why_not()
        return (
            (jsonify(status="ready"), 200)
            if reason is None
            else (jsonify(status="not ready", reason=reason), 503)
        )

    @routes.get("/metrics")
    def metrics() -> Response:
        token = context.settings.metrics_token
        given = request.headers.get("Authorization", "")
        if token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise TimbreError("unknown_address")
        return Response(context.metrics.text(), content_type=CONTENT_TYPE)

    return routes


def _model_card(context: Context) -> dict[str, Any]:
    """The checkpoint's configuration, scores and card; its digests and tables of numbers left out."""
    card = context.tagger.config.as_dict()
    for internal in ("sha256", "calibration", "learned_files"):
        card.pop(internal, None)
    folder = context.tagger.folder
    metrics, text = folder / METRICS_FILE, folder / CARD_FILE
    card["metrics"] = json.loads(metrics.read_text(encoding="utf-8")) if metrics.is_file() else None
    card["card"] = text.read_text(encoding="utf-8") if text.is_file() else None
    return card
