"""Socket.IO without a WebSocket, packet by packet: as behind a proxy that lets none through."""

import base64
import json
import queue
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import requests

from timbre.app.polling import PACKETS_OF_ANSWER, AnswerQueue

SEPARATOR = "\x1e"
LARGEST_ANSWER = 16  # packets that Python's client takes at once


@dataclass
class Polling:
    """One session."""

    url: str

    def send(self, *packets: str) -> None:
        answer = requests.post(self.url, data=SEPARATOR.join(packets), timeout=20)
        assert (answer.status_code, answer.text) == (200, "OK")

    def receive(self) -> list[str]:
        return requests.get(self.url, timeout=20).text.split(SEPARATOR)

    def receive_until(self, is_last: Callable[[str], bool]) -> list[list[str]]:
        """Answers up to the one with this packet."""
        answers = [self.receive()]
        while not any(map(is_last, answers[-1])):
            answers.append(self.receive())
        return answers


@pytest.fixture
def polling(server) -> Polling:
    address = f"{server.url}/socket.io/?EIO=4&transport=polling"
    session_id = json.loads(requests.get(address, timeout=20).text[1:])["sid"]
    polling = Polling(f"{address}&sid={session_id}")
    polling.send("40")
    polling.receive_until(lambda packet: packet.startswith("40"))
    return polling


def test_a_microphone_on_a_slow_line_loses_nothing(server, polling):
    polling.send('420["live_start",{"sample_rate_hz":8000}]')
    (*_, answer) = polling.receive_until(lambda packet: packet.startswith("430"))
    (told,) = json.loads(next(packet for packet in answer if packet.startswith("430"))[3:])
    sound = np.random.default_rng(0).normal(0, 0.1, 1_600).astype(np.float32).tobytes()
    piece = ('451-["live_audio",{"_placeholder":true,"num":0}]', "b" + base64.b64encode(sound).decode())
    for _ in range(2):
        polling.send(*piece * 15)  # 30 packets that had to wait for the request before
    polling.send('42["live_stop"]')
    assert server.wait(told["song_id"])["duration_s"] == pytest.approx(2 * 15 * 0.2)


def test_no_answer_is_longer_than_clients_take(server, wav, encode, polling):
    sound = encode(wav, "long.flac", "-af aloop=loop=-1:size=300000 -t 20")
    songs = [server.upload(sound) for _ in range(3)]
    for song_id in songs:
        server.wait(song_id)
    polling.send(*(f'42["subscribe",{{"song_id":"{song_id}"}}]' for song_id in songs))
    n_seen = dict.fromkeys(songs, 0)
    while min(n_seen.values()) < 20:
        answer = polling.receive()
        assert len(answer) <= LARGEST_ANSWER
        for packet in answer:
            if packet.startswith('451-["segment"'):
                song_id, index = (json.loads(packet[4:])[1][name] for name in ("song_id", "index"))
                assert index == n_seen[song_id]
                n_seen[song_id] += 1
                polling.send(f'42["ack",{{"song_id":"{song_id}","index":{index}}}]')


def test_what_waits_for_a_client_comes_in_answers_that_it_takes():
    waiting = AnswerQueue()
    for number in range(PACKETS_OF_ANSWER + 3):
        waiting.put(number)
    first = [waiting.get(timeout=1), *(waiting.get(block=False) for _ in range(PACKETS_OF_ANSWER - 1))]
    with pytest.raises(queue.Empty):
        waiting.get(block=False)
    rest = [waiting.get(timeout=1), waiting.get(block=False), waiting.get(block=False)]
    with pytest.raises(queue.Empty):
        waiting.get(block=False)
    assert [*first, *rest] == list(range(PACKETS_OF_ANSWER + 3))
