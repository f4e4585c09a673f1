"""`create_app`: the parts of the server, made and put together."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_socketio import SocketIO
from werkzeug.exceptions import ClientDisconnected, HTTPException

from timbre.app import api_corrections, api_service, api_songs, page, sockets
from timbre.app.context import Context
from timbre.app.delivery import Delivery
from timbre.app.metrics import Metrics
from timbre.app.settings import Settings
from timbre.app.songs import Songs
from timbre.app.store import Store
from timbre.app.tagging import Tagging
from timbre.app.views import song_view
from timbre.errors import PROBLEMS, TimbreError
from timbre.models.tagger import Tagger
from timbre.paths import STATIC_DIR, TEMPLATES_DIR

LOG = logging.getLogger(__name__)
SWEEP_S = 60.0
_FORM_PARTS = 10
_FORM_MEMORY_BYTES = 500_000  # also bounds one read of the body
_FORM_OVERHEAD_BYTES = 64_000  # around the file, in a multipart body
_JSON_BYTES = 64_000
_SOCKET_MESSAGE_BYTES = 1_000_000
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}
_CODES = {404: "unknown_address", 405: "method_not_allowed", 413: "too_large", 415: "bad_request"}


def create_app(settings: Settings, tagger: Tagger | None = None) -> tuple[Flask, SocketIO, Context]:
    """Make a server that is ready to run; `close_app` ends it.

    Raises
    ------
    TimbreError
        `bad_checkpoint`.
    """
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    tagger = tagger or Tagger.from_pretrained(settings.model, n_threads=settings.model_threads)
    app = Flask("timbre", template_folder=str(TEMPLATES_DIR), static_folder=str(STATIC_DIR))
    app.config["MAX_FORM_PARTS"] = _FORM_PARTS
    app.config["MAX_FORM_MEMORY_SIZE"] = _FORM_MEMORY_BYTES
    origins = [origin.strip() for origin in settings.allowed_origins.split(",") if origin.strip()]
    socketio = SocketIO(
        app,
        async_mode="threading",
        cors_allowed_origins=origins or None,
        max_http_buffer_size=_SOCKET_MESSAGE_BYTES,
        async_handlers=False,  # the events of one socket are handled in order
    )
    app.wsgi_app = _SocketLimit(app.wsgi_app, socketio, settings.max_sockets)  # type: ignore[method-assign]
    context = _context(settings, tagger, socketio)
    app.register_blueprint(api_songs.blueprint(context))
    app.register_blueprint(api_corrections.blueprint(context))
    app.register_blueprint(api_service.blueprint(context))
    app.register_blueprint(page.blueprint())
    _add_answers(app, settings)
    sockets.register(socketio, context)
    return app, socketio, context


def start_work(context: Context) -> Callable[[], None]:
    """Go on with unfinished songs and delete the old ones from now on; returns what ends all work."""
    stopped = threading.Event()

    def sweep_for_ever() -> None:
        while not stopped.wait(SWEEP_S):
            try:
                context.songs.sweep()
            except Exception:  # the next sweep may do better
                LOG.exception("sweep failed")

    context.songs.sweep()
    context.songs.resume()
    threading.Thread(target=sweep_for_ever, name="sweep", daemon=True).start()

    def stop() -> None:
        stopped.set()
        context.tagging.stop()
        context.delivery.stop()
        context.store.close()

    return stop


class _SocketLimit:
    """Refuses new sockets beyond a number, before any of them takes a thread for long."""

    def __init__(self, application: Callable[..., Any], socketio: SocketIO, max_sockets: int):
        self._application = application
        self._socketio = socketio
        self._max_sockets = max_sockets

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        is_new = environ["PATH_INFO"].startswith("/socket.io/") and "sid=" not in environ["QUERY_STRING"]
        if is_new and len(self._socketio.server.eio.sockets) >= self._max_sockets:
            start_response("503 Service Unavailable", [("Retry-After", "30"), ("Content-Length", "0")])
            return [b""]
        return self._application(environ, start_response)


def _context(settings: Settings, tagger: Tagger, socketio: SocketIO) -> Context:
    store, metrics = Store(settings.database), Metrics()

    def send(event: str, payload: dict[str, Any], to: str) -> None:
        socketio.emit(event, payload, to=to)

    def view(song_id: str) -> dict[str, Any] | None:
        song = store.song(song_id)
        return song_view(song, tagging.position(song_id)) if song else None

    def announce_end(song: dict[str, Any]) -> None:
        socketio.emit("song", song_view(song, None), to=song["id"])
        socketio.close_room(song["id"])
        delivery.forget(song["id"])

    delivery = Delivery(store, send, view)
    tagging = Tagging(tagger, store, settings, metrics, delivery.announce)
    songs = Songs(settings, store, tagging, tagger, delivery.announce, announce_end)
    return Context(settings, store, tagger, metrics, tagging, songs, delivery)


def _add_answers(app: Flask, settings: Settings) -> None:
    @app.before_request
    def limit_body() -> None:
        connection = request.environ.get("gunicorn.socket")
        if connection is not None and request.method in ("POST", "PUT"):
            connection.settimeout(settings.stall_s)
        if request.mimetype == "multipart/form-data":
            request.max_content_length = settings.max_bytes + _FORM_OVERHEAD_BYTES
        elif request.endpoint != "songs.upload":  # which counts its bytes itself
            request.max_content_length = _JSON_BYTES

    @app.after_request
    def add_headers(answer: Response) -> Response:
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        if request.path.startswith("/api/") and not answer.cache_control.max_age:
            answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.errorhandler(TimbreError)
    def answer_error(error: TimbreError) -> tuple[Response, int]:
        answer = jsonify(error=error.as_dict())
        if error.http_status == PROBLEMS["queue_full"].http_status:
            answer.headers["Retry-After"] = "30"
        return answer, error.http_status

    @app.errorhandler(HTTPException)
    def answer_http(error: HTTPException) -> tuple[Response, int]:
        status = error.code or 500
        code = _CODES.get(status, "bad_request" if status < 500 else "internal")
        answer = jsonify(error=TimbreError(code).as_dict())
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                answer.headers.setdefault(name, value)
        return answer, status

    @app.errorhandler(ClientDisconnected)  # also what werkzeug makes of a time-out within a form
    @app.errorhandler(TimeoutError)
    def answer_stall(_: Exception) -> tuple[Response, int]:
        return answer_error(TimbreError("upload_stalled"))

    @app.errorhandler(Exception)
    def answer_failure(error: Exception) -> tuple[Response, int]:
        LOG.error("request failed: %s", request.endpoint, exc_info=error)
        return jsonify(error=TimbreError("internal").as_dict()), 500
