"""gunicorn's worker of many threads, made so that slow clients hold none of them.

A connection gets a thread once the head of its request is all there. What then moves nothing for long
is closed, and while threads are few, the one that moves least makes room.
"""

import contextlib
import errno
import math
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from gunicorn.util import write_nonblock  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from timbre.app.unreadable import unreadable

HEAD_S = 10.0  # for the whole head of a request
IDLE_CONNECTIONS = 1_024  # without a thread: waiting for a head, or kept alive
_LONGEST_HEAD_BYTES = 1 << 16
_END_OF_HEAD = b"\r\n\r\n"
_PIECE_BYTES = 1 << 16
_UNREAD_BYTES = 1 << 18  # that the system keeps for a client who does not read
_GRACE_S = 2.0  # that a request may take whatever the crowd
_WATCH_S = 1.0  # between two looks at the crowd
_LINGER_S = 2.0  # for a client to read the answer to what it is still sending
_LAST_S = 1.5  # for what is under way when the server is told to stop


class ClientSocket(socket.socket):
    """A socket on which blocking never means for ever, and which counts what moves."""

    def __init__(self, accepted: socket.socket, patience_s: float):
        super().__init__(fileno=accepted.detach())
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD_BYTES)
        self.n_bytes = 0
        self.kept = False
        self._patience_s = patience_s

    def keep(self, patience_s: float) -> None:
        """Give it a place of its own, as a WebSocket has: it makes room for nobody, and may be silent."""
        self.kept = True
        self.settimeout(patience_s)

    def begin(self) -> None:
        """Another request: it has to earn its place anew."""
        self.n_bytes, self.kept = 0, False

    def setblocking(self, flag: bool) -> None:
        """Wait, but not for ever."""
        self.settimeout(self._patience_s if flag else 0.0)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """As a socket's; raises TimeoutError when nothing comes."""
        piece = super().recv(bufsize, flags)
        self.n_bytes += len(piece)
        return piece

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As a socket's; a client that takes no piece for long counts as gone."""
        view = memoryview(data)
        for start in range(0, len(view), _PIECE_BYTES):
            piece = view[start : start + _PIECE_BYTES]
            try:
                super().sendall(piece, flags)
            except TimeoutError:
                raise ConnectionResetError(errno.ECONNRESET, "the client does not read") from None
            self.n_bytes += len(piece)

    def send(self, data: Any, flags: int = 0) -> int:
        """All of it: the WebSocket's library does not look at how much went, and knows one error only."""
        try:
            self.sendall(data, flags)
        except OSError as error:
            raise BrokenPipeError(errno.EPIPE, "the client is gone") from error
        return len(data)

    def cut(self) -> None:
        """End it from another thread; the one that waits on it wakes up."""
        with contextlib.suppress(OSError):  # it has ended by itself
            self.shutdown(socket.SHUT_RDWR)


class Connection(TConn):
    """gunicorn's, with the head of the request that is arriving."""

    head = b""
    busy_since_s = math.inf  # as long as it waits for a thread
    was_cut = False
    was_closed = False  # and may still be among the events that are being gone through

    def rate(self, now_s: float) -> float:
        """Bytes a second since it has a thread."""
        return float(self.sock.n_bytes / (now_s - self.busy_since_s))


class Worker(ThreadWorker):
    """gthread, with heads read by the one thread that listens. All but `handle` runs in that thread."""

    patience_s = 30.0  # all three are set by the server
    spare_threads = 2  # that slow requests do not get
    say_stop: ClassVar[Callable[[], None]] = staticmethod(lambda: None)  # before anybody is cut

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._busy: set[Connection] = set()
        self._lingering: deque[Connection] = deque()
        self._watched_s = 0.0
        self._stopping_s = math.inf  # when it was seen that the server stops

    def accept(self, listener: Any) -> None:
        """Take a connection; it waits for its head without a thread."""
        try:
            accepted, address = listener.accept()
        except OSError as error:
            self.log.debug("accept failed: %s", error)  # out of files above all: those who wait come again
            return
        self._make_room()
        client = ClientSocket(accepted, self.patience_s)
        self.nr_conns += 1
        self._await_head(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: Any) -> None:
        """A connection that was kept alive has another request."""
        if conn.was_closed:
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_head(conn)

    def on_pending_socket_readable(self, conn: Connection, client: Any) -> None:
        """Some more of a head."""
        if conn.was_closed:
            return
        try:
            piece = client.recv(_LONGEST_HEAD_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        conn.head += piece
        if piece and _END_OF_HEAD not in conn.head and len(conn.head) < _LONGEST_HEAD_BYTES:
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        if not piece:
            self._close(conn)
            return
        conn.init()
        conn.parser.unreader.unread(conn.head)
        conn.data_ready = True
        self.enqueue_req(conn)

    def enqueue_req(self, conn: Connection) -> None:
        """Give it a thread, as soon as there is one."""
        conn.head, conn.busy_since_s = b"", math.inf
        conn.sock.begin()
        self._busy.add(conn)
        super().enqueue_req(conn)

    def handle(self, conn: Connection) -> Any:
        """Answer a request; it has its thread now."""
        conn.busy_since_s = time.monotonic()
        return super().handle(conn)

    def handle_error(self, _request: Any, client: Any, _address: Any, exception: BaseException) -> None:
        """Say why there is no better answer."""
        with contextlib.suppress(Exception):  # the client may be gone
            write_nonblock(client, unreadable(exception))

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """Its thread is free again. gunicorn would wait here for the client to close, and all with it."""
        self._busy.discard(conn)
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        elif conn.sock.kept:  # its library has said goodbye, and may close it from a thread of its own
            conn.sock.cut()
            self._close(conn)
        else:
            self._linger(conn)

    def murder_pending(self) -> None:
        """Called every second and after every event: end what has waited too long, or is too slow."""
        super().murder_pending()
        now_s = time.monotonic()
        while self._lingering and self._lingering[0].timeout <= now_s:
            self._end_lingering(self._lingering[0])
        if now_s - self._watched_s > _WATCH_S:
            self._watched_s = now_s
            self._cut_slowest(now_s)
        if not self.alive:
            self._come_to_an_end(now_s)

    def _come_to_an_end(self, now_s: float) -> None:
        """The server stops: a WebSocket has no end of its own, and all else has a moment.

        gunicorn would wait for both until its master kills this process, before it has put songs aside.
        """
        if math.isinf(self._stopping_s):
            self._stopping_s = now_s
            Worker.say_stop()
        is_late = now_s - self._stopping_s > _LAST_S
        for conn in self._busy:
            if is_late or conn.sock.kept:
                conn.sock.cut()
        while is_late and (waiting := self.pending_conns or self._lingering):
            self._let_go(waiting.popleft())

    def _cut_slowest(self, now_s: float) -> None:
        """While threads are few, those that move least make room."""
        n_too_many = len(self._busy) - (self.cfg.threads - self.spare_threads)
        if n_too_many <= 0:
            return
        slow = [
            conn
            for conn in self._busy
            if not (conn.sock.kept or conn.was_cut) and now_s - conn.busy_since_s > _GRACE_S
        ]
        for conn in sorted(slow, key=lambda conn: conn.rate(now_s))[:n_too_many]:
            conn.was_cut = True
            conn.sock.cut()

    def _await_head(self, conn: Connection) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + HEAD_S
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _linger(self, conn: Connection) -> None:
        """The last words are said; what still comes is read, or the client would see a reset before them."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + _LINGER_S
        self._lingering.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))

    def _drain(self, conn: Connection, client: Any) -> None:
        if conn.was_closed:
            return
        try:
            ended = not client.recv(_PIECE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            self._end_lingering(conn)

    def _end_lingering(self, conn: Connection) -> None:
        self._lingering.remove(conn)
        self._let_go(conn)

    def _make_room(self) -> None:
        """Before connections are too many: the oldest without a thread goes."""
        if self.nr_conns < self.worker_connections - 1:
            return
        for waiting in (self._lingering, self.keepalived_conns, self.pending_conns):
            if waiting:
                self._let_go(waiting.popleft())
                return

    def _let_go(self, conn: Connection) -> None:
        """Close what has no thread, and was taken from where it waited."""
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: Connection) -> None:
        conn.was_closed = True
        self.nr_conns -= 1
        conn.close()
