"""Delivery of stored segments to sockets, each at its own pace.

One thread sends everything. A socket has at most `ACK_WINDOW` segments under way that it has not
acknowledged; the rest waits in the store, where it costs no memory. So one slow or frozen client
costs the others nothing.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from timbre.app.store import Store
from timbre.app.views import segment_event

LOG = logging.getLogger(__name__)
ACK_WINDOW = 8
MAX_SUBSCRIPTIONS = 16  # songs that one socket may follow


@dataclass
class Subscription:
    """How far one socket is with one song: the last index sent, and the last acknowledged."""

    sent: int
    acknowledged: int


class Delivery:
    """Who follows which song, and what is still to be sent.

    Parameters
    ----------
    emit
        `emit(event, payload, to)`, where `to` is a socket's id or a song's room.
    view
        The `song` payload for an id; None when there is no such song.
    """

    def __init__(
        self,
        store: Store,
        emit: Callable[[str, dict[str, Any], str], None],
        view: Callable[[str], dict[str, Any] | None],
    ):
        self._store = store
        self._emit = emit
        self._view = view
        self._changed = threading.Condition()
        self._subscriptions: dict[str, dict[str, Subscription]] = {}  # by socket, by song
        self._songs: dict[str, None] = {}  # songs with news, in order
        self._due: dict[tuple[str, str], None] = {}  # sockets to be sent to, in order
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the sending thread runs."""
        return self._thread.is_alive()

    def is_followed(self, song_id: str) -> bool:
        """Whether any socket follows a song."""
        with self._changed:
            return any(song_id in songs for songs in self._subscriptions.values())

    def announce(self, song_id: str) -> None:
        """The store has news of a song. Cheap; may be called from any thread."""
        with self._changed:
            self._songs[song_id] = None
            self._changed.notify()

    def subscribe(self, socket_id: str, song_id: str, after: int) -> bool:
        """Send a song's segments after index `after`, and those to come.

        Returns
        -------
        accepted
            False when the socket follows `MAX_SUBSCRIPTIONS` songs already.
        """
        with self._changed:
            mine = self._subscriptions.setdefault(socket_id, {})
            if song_id not in mine and len(mine) >= MAX_SUBSCRIPTIONS:
                return False
            mine[song_id] = Subscription(sent=after, acknowledged=after)
            self._due[socket_id, song_id] = None
            self._changed.notify()
        return True

    def acknowledge(self, socket_id: str, song_id: str, index: int) -> None:
        """The socket has every segment up to `index`; never more than were sent."""
        with self._changed:
            subscription = self._subscriptions.get(socket_id, {}).get(song_id)
            if subscription:
                up_to = min(index, subscription.sent)
                if up_to > subscription.acknowledged:
                    subscription.acknowledged = up_to
                    self._due[socket_id, song_id] = None
                    self._changed.notify()

    def unsubscribe(self, socket_id: str, song_id: str | None = None) -> None:
        """Forget one song of a socket, or all of them when it has gone."""
        with self._changed:
            if song_id is None:
                self._subscriptions.pop(socket_id, None)
            else:
                self._subscriptions.get(socket_id, {}).pop(song_id, None)

    def forget(self, song_id: str) -> None:
        """A song is gone: nobody follows it any more."""
        with self._changed:
            for songs in self._subscriptions.values():
                songs.pop(song_id, None)

    def stop(self) -> None:
        """End the sending thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._songs or self._due or self._stopped)
                if self._stopped:
                    return
                songs, self._songs = self._songs, {}
                due, self._due = self._due, {}
            for song_id in songs:
                self._guarded(self._tell, song_id)
            for socket_id, song_id in due:
                self._guarded(self._send, socket_id, song_id)

    def _guarded(self, work: Callable[..., None], *args: str) -> None:
        try:
            work(*args)
        except Exception:  # one client's trouble must not end the delivery to all
            LOG.exception("delivery failed")

    def _tell(self, song_id: str) -> None:
        view = self._view(song_id)
        if view:
            self._emit("song", view, song_id)
        with self._changed:
            followers = [(s, song_id) for s, songs in self._subscriptions.items() if song_id in songs]
            self._due.update(dict.fromkeys(followers))

    def _send(self, socket_id: str, song_id: str) -> None:
        with self._changed:
            subscription = self._subscriptions.get(socket_id, {}).get(song_id)
            if not subscription:
                return
            after = subscription.sent
            room = ACK_WINDOW - (after - subscription.acknowledged)
        if room <= 0:
            return
        for segment in self._store.segments(song_id, after=after, limit=room, pictures=True):
            with self._changed:
                if self._subscriptions.get(socket_id, {}).get(song_id) is not subscription:
                    return  # it has subscribed anew, or left
                subscription.sent = segment.index
            self._emit("segment", segment_event(song_id, segment), socket_id)
