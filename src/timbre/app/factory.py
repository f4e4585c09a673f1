"""`create_app`: the parts of the server, made and put together."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_socketio import SocketIO
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from timbre.app import api_corrections, api_service, api_songs, body_limits, logs, page, polling, sockets
from timbre.app.context import Context
from timbre.app.delivery import Delivery
from timbre.app.front import EXCHANGE, Front, error_headers
from timbre.app.gate import SocketGate
from timbre.app.limits import EXPORT_COST, Limits
from timbre.app.metrics import Metrics
from timbre.app.settings import Settings
from timbre.app.songs import Songs
from timbre.app.store import Store
from timbre.app.sweeper import Sweeper
from timbre.app.tagging import Tagging
from timbre.app.views import song_view
from timbre.errors import TimbreError
from timbre.models.tagger import Tagger
from timbre.paths import STATIC_DIR, TEMPLATES_DIR

LOG = logging.getLogger(__name__)
_SOCKET_MESSAGE_BYTES = 1_000_000
_EXPORTS = {"songs.export", "corrections.export"}
_CODES = {404: "unknown_address", 405: "method_not_allowed", 415: "bad_request"}


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
    body_limits.limit_forms(app)
    socketio = SocketIO(
        app,
        async_mode="threading",
        cors_allowed_origins=_origin_check(settings.origins),
        max_http_buffer_size=_SOCKET_MESSAGE_BYTES,
        async_handlers=False,  # the events of one socket are handled in order
        logger=_library_log(),
        engineio_logger=_library_log(),
    )
    polling.bound(socketio.server.eio)
    context = _context(settings, tagger, socketio)
    gate = SocketGate(app.wsgi_app, socketio, settings, context.metrics)
    front = Front(gate, context.limits, context.metrics)
    n = settings.proxies
    app.wsgi_app = ProxyFix(front, x_for=n, x_proto=n) if n else front  # type: ignore[method-assign]
    app.register_blueprint(api_songs.blueprint(context))
    app.register_blueprint(api_corrections.blueprint(context))
    app.register_blueprint(api_service.blueprint(context))
    app.register_blueprint(page.blueprint())
    _add_answers(app, context)
    sockets.register(socketio, context)
    return app, socketio, context


def _origin_check(others: list[str]) -> Callable[[str, dict[str, Any]], bool] | None:
    """Whose pages may use the socket; the library's own check, which knows this server alone, if no others.

    A list of others alone would lock out the page that this server sends.
    """
    if not others:
        return None

    return lambda origin, environ: origin in (*_own_origins(environ), *others)


def _own_origins(environ: dict[str, Any]) -> list[str]:
    """What the library takes for this server's own origin: as asked for, and as a proxy says it was."""
    scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
    outer_scheme = environ.get("HTTP_X_FORWARDED_PROTO", scheme).split(",")[0].strip()
    outer_host = environ.get("HTTP_X_FORWARDED_HOST", host).split(",")[0].strip()
    return [f"{scheme}://{host}", f"{outer_scheme}://{outer_host}"]


def start_work(context: Context) -> Callable[[], None]:
    """Go on with unfinished songs and delete the old ones from now on; returns what ends all work."""
    context.sweeper.start()
    context.songs.resume()

    def stop() -> None:
        context.sweeper.stop()
        context.tagging.stop()
        context.delivery.stop()
        context.store.close()

    return stop


def _context(settings: Settings, tagger: Tagger, socketio: SocketIO) -> Context:
    store, metrics = Store(settings.database), Metrics()
    metrics.watch_disk(Path(settings.data_dir))

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
    tagging = Tagging(tagger, store, settings, metrics, delivery.announce, delivery.is_followed)
    songs = Songs(settings, store, tagging, tagger, delivery.announce, announce_end)
    limits = Limits(settings, store, metrics)
    sweeper = Sweeper(songs, min(settings.expiry_s, settings.unused_s))
    return Context(settings, store, tagger, metrics, limits, tagging, songs, delivery, sweeper)


def _library_log() -> logging.Logger:
    """A logger for Socket.IO, whose own writes around ours, and with whole ids."""
    log = logging.getLogger("timbre.socketio")
    log.setLevel(logging.ERROR)
    return log


def _add_answers(app: Flask, context: Context) -> None:
    @app.before_request
    def tell_what_it_is() -> None:
        exchange = request.environ[EXCHANGE]
        if request.url_rule:
            exchange.route = request.url_rule.rule
        exchange.song = logs.short((request.view_args or {}).get("song_id", ""))
        if request.endpoint in _EXPORTS:
            context.limits.request(exchange.client, EXPORT_COST)

    @app.before_request
    def limit_body() -> None:
        body_limits.limit_body(context.settings.max_bytes)

    @app.after_request
    def keep_out_of_caches(answer: Response) -> Response:
        if request.path.startswith("/api/") and not answer.cache_control.max_age:
            answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.errorhandler(TimbreError)
    def answer_error(error: TimbreError) -> tuple[Response, int]:
        answer = jsonify(error=error.as_dict())
        answer.headers.update(error_headers(error))
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

    @app.errorhandler(RequestEntityTooLarge)
    def answer_too_large(_: Exception) -> tuple[Response, int]:
        return answer_error(body_limits.too_large(context.songs))

    @app.errorhandler(ParseException)
    def answer_malformed(_: Exception) -> tuple[Response, int]:
        return answer_error(TimbreError("bad_request"))

    @app.errorhandler(ClientDisconnected)  # also what werkzeug makes of a time-out within a form
    @app.errorhandler(TimeoutError)
    def answer_stall(_: Exception) -> tuple[Response, int]:
        return answer_error(TimbreError("upload_stalled"))

    @app.errorhandler(Exception)
    def answer_failure(error: Exception) -> tuple[Response, int]:
        LOG.error("request failed: %s", request.endpoint, exc_info=error)
        return jsonify(error=TimbreError("internal").as_dict(), request_id=logs.request_id.get()), 500
