"""The gate to the sockets: how many there are, in all and from one address, and who holds a thread."""

import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from flask_socketio import SocketIO

from timbre.app.connections import ClientSocket
from timbre.app.front import EXCHANGE
from timbre.app.limits import TooMany
from timbre.app.metrics import Metrics
from timbre.app.settings import Settings
from timbre.errors import TimbreError

PATH = "/socket.io/"
_SILENCE_S = 15.0  # beyond what the protocol allows a client
_RETRY_S = 30.0


class SocketGate:
    """A WSGI application around Socket.IO's.

    A WebSocket holds a thread as long as it lives, a long poll as long as there is nothing to tell. Both
    are counted here, so that plain requests always find threads; the library counts what has said hello.
    """

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        socketio: SocketIO,
        settings: Settings,
        metrics: Metrics,
    ):
        self._application = application
        self._server = socketio.server
        self._settings = settings
        self._refused = metrics.refused
        self._most_held = settings.max_sockets + settings.spare_threads // 2
        self._lock = threading.Lock()
        self._held: set[str] = set()  # requests under way by session and kind
        self._n_held = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(PATH):
            return self._application(environ, start_response)
        environ[EXCHANGE].route = PATH
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket" and not _is_handshake(environ):
            raise TimbreError("bad_request")
        session = parse_qs(environ["QUERY_STRING"]).get("sid", [""])[0]
        if not session:
            self._check_new(environ)
        kind = "websocket" if "HTTP_UPGRADE" in environ else environ["REQUEST_METHOD"]
        self._hold(f"{kind} {session}" if session else "")
        try:
            if kind == "websocket":
                self._keep(environ, session)
            return self._application(environ, start_response)
        finally:
            self._release(f"{kind} {session}" if session else "")

    def _check_new(self, environ: dict[str, Any]) -> None:
        if len(self._server.eio.sockets) >= self._settings.max_sockets:
            self._refused.labels("sockets").inc()
            raise TimbreError("too_many_listeners")
        most = self._settings.sockets_per_address
        if not most:
            return
        client = environ[EXCHANGE].client
        clients = [other[EXCHANGE].client for other in [*self._server.environ.values()]]
        if clients.count(client) >= most:
            self._refused.labels("sockets_per_address").inc()
            raise TooMany("too_many_requests", _RETRY_S, "Too many pages are open from your network address.")

    def _hold(self, name: str) -> None:
        """Let one request of a kind and session in; a page never has two."""
        with self._lock:
            if name in self._held:
                raise TimbreError("bad_request")
            if self._n_held >= self._most_held:
                self._refused.labels("sockets").inc()
                raise TimbreError("too_many_listeners")
            self._n_held += 1
            if name:
                self._held.add(name)

    def _release(self, name: str) -> None:
        with self._lock:
            self._n_held -= 1
            self._held.discard(name)

    def _keep(self, environ: dict[str, Any], session: str) -> None:
        """Its thread is counted here. A client that does not even answer pings is gone."""
        connection = environ.get("gunicorn.socket")
        if isinstance(connection, ClientSocket):
            engine = self._server.eio
            connection.keep(engine.ping_interval + engine.ping_timeout + _SILENCE_S)
            if session in self._server.environ:  # it began with polls, on other connections
                self._server.environ[session]["gunicorn.socket"] = connection


def _is_handshake(environ: dict[str, Any]) -> bool:
    """Whether it says what the library fails without."""
    named = ("HTTP_HOST", "HTTP_SEC_WEBSOCKET_KEY")
    return environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13" and all(name in environ for name in named)
