"""How much one address, or one socket, may ask for: buckets of tokens in memory, nothing on disk."""

import hashlib
import ipaddress
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from timbre.app.metrics import Metrics
from timbre.app.settings import Settings
from timbre.app.store import WORKING, Store
from timbre.errors import TimbreError

EXPORT_COST = 20  # requests that making one export counts for
MESSAGE_COST = 60  # events that a message counts for which asks the store, or makes no sense
_MOST_KEYS = 20_000  # addresses that are remembered; the one unheard of for longest is forgotten
_DIGEST_BYTES = 6
_OWN_KEY = secrets.token_bytes(16)  # of this process: nobody can tell an address from what a log says


class TooMany(TimbreError):
    """A limit was met; `retry_after_s` is when to try again."""

    def __init__(self, code: str, retry_after_s: float, message: str | None = None, hint: str | None = None):
        super().__init__(code, message, hint)
        self.retry_after_s = max(1, math.ceil(retry_after_s))


class Buckets:
    """One bucket a key. It holds what may be asked for in a minute and fills at an even pace."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic):
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when they were

    def take(self, key: str, n: int = 1) -> float:
        """Take tokens; returns 0.0, or in how many seconds there will be enough (nothing is taken then).

        What costs more than a bucket holds takes a whole one.
        """
        if not self._per_minute:
            return 0.0
        n = min(n, self._per_minute)
        now_s, per_s = self._clock(), self._per_minute / 60
        with self._lock:
            tokens, then_s = self._levels.pop(key, (float(self._per_minute), now_s))
            tokens = min(self._per_minute, tokens + (now_s - then_s) * per_s)
            wait_s = max(0.0, (n - tokens) / per_s)
            self._levels[key] = (tokens if wait_s else tokens - n, now_s)
            if len(self._levels) > _MOST_KEYS:
                self._levels.popitem(last=False)
        return wait_s

    def __len__(self) -> int:
        return len(self._levels)


class Limits:
    """Every limit of one server, by the clients' keys (`client_key`) and the sockets' ids."""

    def __init__(self, settings: Settings, store: Store, metrics: Metrics):
        self._requests = Buckets(settings.requests_per_minute)
        self._songs = Buckets(settings.songs_per_minute)
        self._events = Buckets(settings.events_per_minute)
        self._max_unfinished = settings.max_unfinished
        self._store = store
        self._refused = metrics.refused
        self._lock = threading.Lock()
        self._unfinished: OrderedDict[str, set[str]] = OrderedDict()  # ids of songs by client

    def request(self, client: str, cost: int = 1) -> None:
        """Count a request.

        Raises
        ------
        TooMany
            `too_many_requests`.
        """
        self._take(self._requests, "requests", client, cost)

    def song(self, client: str) -> None:
        """Count a song that is to be made.

        Raises
        ------
        TooMany
            `too_many_requests`, `too_many_unfinished`.
        """
        self._take(self._songs, "songs", client)
        if self._max_unfinished and self._n_unfinished(client) >= self._max_unfinished:
            self._refused.labels("unfinished").inc()
            raise TooMany("too_many_unfinished", 30)

    def made(self, client: str, song_id: str) -> None:
        """A song was made."""
        if not self._max_unfinished:
            return
        with self._lock:
            self._unfinished.setdefault(client, set()).add(song_id)
            self._unfinished.move_to_end(client)
            if len(self._unfinished) > _MOST_KEYS:
                self._unfinished.popitem(last=False)

    def event(self, connection_id: str, cost: int) -> None:
        """Count an event of a socket.

        Raises
        ------
        TooMany
            `too_many_requests`.
        """
        self._take(self._events, "events", connection_id, cost, "This page sends too many messages.")

    def _take(
        self, buckets: Buckets, limit: str, key: str, cost: int = 1, message: str | None = None
    ) -> None:
        wait_s = buckets.take(key, cost)
        if wait_s:
            self._refused.labels(limit).inc()
            raise TooMany("too_many_requests", wait_s, message)

    def _n_unfinished(self, client: str) -> int:
        """Asks the store only when the songs might be too many."""
        with self._lock:
            mine = self._unfinished.get(client, set())
            if len(mine) < self._max_unfinished:
                return len(mine)
            asked = set(mine)  # others may be made while the store answers
        working = {song["id"] for song in self._store.songs_in(WORKING)}
        with self._lock:
            mine -= asked - working
            return len(mine)


def client_key(address: str) -> str:
    """What stands for an address: always the same in this process, and telling nothing about it.

    An IPv6 client has 2**64 addresses of its own, so the first half of one counts.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return "local"
    if isinstance(ip, ipaddress.IPv6Address):
        whole = ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False)
    else:
        whole = ip
    return hashlib.blake2b(str(whole).encode(), key=_OWN_KEY, digest_size=_DIGEST_BYTES).hexdigest()
