"""Long polling: how many packets a request and an answer may hold."""

import queue
from typing import Any

import engineio
from engineio.payload import Payload

# The library takes 16 and drops a request with more, answering 200. A page on a slow line puts all that waits
# into one, and a microphone's piece is two. Bytes and events are bounded elsewhere.
PACKETS_OF_REQUEST = 1_000
PACKETS_OF_ANSWER = 16  # Python's client takes no more, and gives up


class AnswerQueue(queue.Queue[Any]):
    """What waits for one client. The library waits for a packet, then takes all that are there besides."""

    _n_given = 0

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next packet; an answer that is full finds the queue empty."""
        if block:
            self._n_given = 0
        elif self._n_given >= PACKETS_OF_ANSWER:
            raise queue.Empty
        packet = super().get(block, timeout)
        self._n_given += 1
        return packet


def bound(server: engineio.Server) -> None:
    """Let every client of a server have such a queue, and requests as long as they come."""
    Payload.max_decode_packets = PACKETS_OF_REQUEST
    server.create_queue = AnswerQueue
