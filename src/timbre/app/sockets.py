"""Socket.IO: what clients may say, checked, and nothing else. Every emit names a room."""

import logging
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request
from flask_socketio import SocketIO, disconnect, emit, join_room, leave_room

from timbre.app.connections import ClientSocket
from timbre.app.context import Context
from timbre.app.front import EXCHANGE
from timbre.app.limits import MESSAGE_COST, TooMany
from timbre.app.live import LiveSessions
from timbre.app.store import LAST_INDEX
from timbre.errors import TimbreError

LOG = logging.getLogger(__name__)
_OK = "ok"
_LAST_WORDS_S = 1.0


def register(socketio: SocketIO, context: Context) -> None:
    """Answer the events of the contract."""
    live = LiveSessions(context)
    open_sockets: set[str] = set()

    def handler(event: str, cost: int = MESSAGE_COST) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a handler whose errors become a `problem` for the one who caused them.

        What it returns is the acknowledgement, for a client that asked for one.
        """

        def register_one(function: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(function)
            def answered(*payload: Any) -> Any:
                try:
                    context.limits.event(_connection_id(socketio), cost)
                    outcome, told = attempted(payload)
                    if outcome != _OK and cost < MESSAGE_COST:
                        context.limits.event(_connection_id(socketio), MESSAGE_COST - cost)
                except TooMany as error:
                    outcome, told = error.code, _problem(payload, error)
                    _close()
                context.metrics.events.labels(event, outcome).inc()
                return told

            def attempted(payload: tuple[Any, ...]) -> tuple[str, Any]:
                try:
                    return _OK, function(*payload)
                except TimbreError as error:
                    return error.code, _problem(payload, error)
                except (TypeError, ValueError, KeyError):
                    malformed = TimbreError("bad_request")
                    return malformed.code, _problem(payload, malformed)

            socketio.on_event(event, answered)
            return answered

        return register_one

    @socketio.on("connect")
    def connect(_auth: Any = None) -> None:
        try:
            context.limits.event(_connection_id(socketio), MESSAGE_COST)
        except TooMany as error:
            raise ConnectionRefusedError(error.message) from None
        open_sockets.add(_socket_id())
        context.metrics.sockets.set(len(open_sockets))

    @socketio.on("disconnect")
    def on_disconnect(_reason: Any = None) -> None:
        open_sockets.discard(_socket_id())
        context.metrics.sockets.set(len(open_sockets))
        context.delivery.unsubscribe(_socket_id())
        live.leave(_socket_id())

    def follow(song_id: str, after: int) -> None:
        """Let this socket hear of a song. All of it is sent by one thread, so nothing overtakes."""
        if not context.delivery.subscribe(_socket_id(), song_id, after):
            raise TimbreError("not_possible", "This page follows too many songs.", "Close some of them.")
        join_room(song_id)
        context.delivery.announce(song_id)

    def unfollow(song_id: str) -> None:
        leave_room(song_id)
        context.delivery.unsubscribe(_socket_id(), song_id)

    @handler("subscribe")
    def subscribe(message: Any) -> None:
        song_id = _song_id(message)
        after = _index(message.get("after", -1))
        context.songs.get(song_id)
        follow(song_id, after)
        try:
            context.songs.get(song_id)
        except TimbreError:  # deleted meanwhile, which only those were told who followed it already
            unfollow(song_id)
            raise

    @handler("unsubscribe")
    def unsubscribe(message: Any) -> None:
        unfollow(_song_id(message))
        live.leave(_socket_id(), _song_id(message))

    @handler("ack", cost=1)
    def ack(message: Any) -> None:
        context.delivery.acknowledge(_socket_id(), _song_id(message), _index(message["index"]))

    @handler("live_start")
    def live_start(message: Any) -> dict[str, str]:
        client = request.environ[EXCHANGE].client
        context.limits.song(client)
        song_id = live.start(_socket_id(), _message(message))
        context.limits.made(client, song_id)
        try:
            follow(song_id, -1)
        except TimbreError:
            live.leave(_socket_id())
            raise
        return {"song_id": song_id}

    @handler("live_audio", cost=1)
    def live_audio(piece: Any) -> None:
        live.write(_socket_id(), piece)

    @handler("live_stop")
    def live_stop(_message: Any = None) -> None:
        live.stop(_socket_id())

    @handler("*")
    def unknown(_event: str, *_payload: Any) -> None:
        raise TimbreError("bad_request", "There is no event of this name.")

    _count_unreadable(socketio, context)

    @socketio.on_error_default
    def on_error(error: Exception) -> None:
        LOG.error("socket handler failed: %s", type(error).__name__, exc_info=error)
        disconnect()


def _count_unreadable(socketio: SocketIO, context: Context) -> None:
    """Messages that the library cannot read reach no handler, and it would log each of any number."""
    server = socketio.server
    read = server.eio.handlers["message"]

    def counted(connection_id: str, message: Any) -> None:
        try:
            read(connection_id, message)
        except Exception:  # each kind of nonsense raises its own
            try:
                context.limits.event(connection_id, MESSAGE_COST)
            except TooMany:
                _cut_soon(server.environ.get(connection_id, {}))  # first: the next line forgets it
                server.eio.disconnect(connection_id)

    server.eio.on("message", counted)


def _problem(payload: tuple[Any, ...], error: TimbreError) -> dict[str, Any]:
    first = payload[0] if payload else None
    song_id = first.get("song_id") if isinstance(first, dict) else None
    song_id = song_id if isinstance(song_id, str) else None
    problem = {"song_id": song_id, "error": error.as_dict()}
    emit("problem", problem, to=_socket_id())
    return problem


def _close() -> None:
    """A flood costs the others something even when it is refused. Its last words go first."""
    disconnect()
    _cut_soon(request.environ)


def _cut_soon(environ: dict[str, Any]) -> None:
    connection = environ.get("gunicorn.socket")
    if isinstance(connection, ClientSocket):
        threading.Timer(_LAST_WORDS_S, connection.cut).start()


def _connection_id(socketio: SocketIO) -> str:
    """Of the connection below the socket: the same for a socket that says hello anew."""
    return str(socketio.server.manager.eio_sid_from_sid(_socket_id(), "/"))


def _socket_id() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO adds it


def _message(message: Any) -> dict[str, Any]:
    if not isinstance(message, dict):
        raise TimbreError("bad_request")
    return message


def _song_id(message: Any) -> str:
    song_id = _message(message)["song_id"]
    if not isinstance(song_id, str):
        raise TimbreError("bad_request")
    return song_id


def _index(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -1 <= value <= LAST_INDEX:
        raise TimbreError("bad_request")
    return value
