"""What every request passes, whoever answers it: its id, its limits, safe headers, its line in the log."""

import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from timbre.app import logs
from timbre.app.limits import Limits, TooMany, client_key
from timbre.app.metrics import Metrics
from timbre.errors import TimbreError

LOG = logging.getLogger("timbre.access")
EXCHANGE = "timbre.exchange"  # its name in the environ
REQUEST_ID = "X-Request-ID"
SAFE_HEADERS = {
    # The server's own files alone; `blob:` is the browser's copy of a song, played while it uploads.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}
UNLIMITED = "/healthz"  # whether the process lives must be heard in any crowd
_NOT_KEPT = ("/api/", "/socket.io/", "/healthz", "/readyz", "/metrics")  # by any cache, unless said otherwise
_SWITCHED = 101
_HARMLESS_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass
class Exchange:
    """One request under way. It lies in the environ, where whoever answers can say more about it."""

    id: str
    client: str
    method: str
    route: str = "other"  # the pattern, never the address itself
    song: str = ""  # as much of its id as a log may show
    status: int = 0
    n_bytes: int = 0
    started_s: float = field(default_factory=time.monotonic)


class Front:
    """A WSGI application around all others.

    Parameters
    ----------
    application
        What answers.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], limits: Limits, metrics: Metrics):
        self._application = application
        self._limits = limits
        self._metrics = metrics

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        exchange = Exchange(
            _request_id(environ), client_key(environ.get("REMOTE_ADDR", "")), environ["REQUEST_METHOD"]
        )
        environ[EXCHANGE] = exchange
        logs.request_id.set(exchange.id)
        start = _starting(exchange, environ["PATH_INFO"], start_response)
        try:
            body = self._answered(environ, exchange, start)
        except BaseException:
            self._ended(exchange)
            raise
        return _Body(body, exchange, self._ended)

    def _answered(
        self, environ: dict[str, Any], exchange: Exchange, start: Callable[..., Any]
    ) -> Iterable[bytes]:
        try:
            if environ["PATH_INFO"] != UNLIMITED:
                self._limits.request(exchange.client)
            return self._application(environ, start)
        except TimbreError as error:
            return answer(error, start)
        except StopIteration:  # the end of a WebSocket, which has no other way to tell gunicorn
            exchange.status = _SWITCHED
            raise
        except Exception:
            if exchange.status:  # it had begun to answer
                raise
            LOG.exception("request failed")
            return answer(TimbreError("internal"), start, exchange.id)

    def _ended(self, exchange: Exchange) -> None:
        seconds = time.monotonic() - exchange.started_s
        self._metrics.answered(exchange.route, exchange.method, exchange.status, seconds)
        LOG.info(
            "answered",
            extra={
                "song": exchange.song,
                "client": exchange.client,
                "method": exchange.method,
                "route": exchange.route,
                "status": exchange.status,
                "seconds": round(seconds, 4),
                "bytes": exchange.n_bytes,
            },
        )
        logs.request_id.set("")


def error_headers(error: TimbreError) -> dict[str, str]:
    """What an answer says besides its words: when to come again."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after_s)}
    return {"Retry-After": "30"} if error.http_status in (429, 503) else {}


def answer(error: TimbreError, start: Callable[..., Any], request_id: str | None = None) -> list[bytes]:
    """The one shape of all errors, where no Flask makes it."""
    told = {"error": error.as_dict(), **({"request_id": request_id} if request_id else {})}
    body = json.dumps(told).encode()
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        **error_headers(error),
    }
    start(f"{error.http_status} {error.code}", list(headers.items()))
    return [body]


class _Body:
    """An answer on its way, counted; its end is the end of the request."""

    def __init__(self, body: Iterable[bytes], exchange: Exchange, ended: Callable[[Exchange], None]):
        self._body = body
        self._exchange = exchange
        self._ended = ended

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._exchange.n_bytes += len(piece)
            yield piece

    def close(self) -> None:
        """Called by the server in any case."""
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._ended(self._exchange)


def _starting(exchange: Exchange, path: str, start_response: Callable[..., Any]) -> Callable[..., Any]:
    """`start_response` with the headers that every answer has."""

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        exchange.status = int(status.split(" ", 1)[0])
        there = {name.lower() for name, _ in headers}
        ours = {**SAFE_HEADERS, REQUEST_ID: exchange.id}
        if path.startswith(_NOT_KEPT):
            ours["Cache-Control"] = "no-store"
        added = [(name, value) for name, value in ours.items() if name.lower() not in there]
        return start_response(status, [*headers, *added], *([exc_info] if exc_info else []))

    return start


def _request_id(environ: dict[str, Any]) -> str:
    """The client's own, if it is harmless, so that a proxy's logs and ours can be read together."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if _HARMLESS_ID.fullmatch(given) else secrets.token_hex(8)
