"""What one address or one socket may ask for, and that the others do not feel who asks for more."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests
import socketio
from live_server import InOrderClient, LiveServer, until

from timbre.app.limits import Buckets, Limits, TooMany, client_key
from timbre.app.metrics import Metrics
from timbre.app.settings import Settings
from timbre.app.store import Store

SONGS_PER_MINUTE = 6
MAX_UNFINISHED = 4
MAX_SOCKETS = 2
REQUESTS_PER_MINUTE = 150
EVENTS_PER_MINUTE = 60_000


@pytest.fixture(scope="module")
def limited(run_server) -> Iterator[LiveServer]:
    """Behind one proxy, so that a test can speak from any address."""
    with run_server(
        TIMBRE_PROXIES=1,
        TIMBRE_SONGS_PER_MINUTE=SONGS_PER_MINUTE,
        TIMBRE_MAX_UNFINISHED=MAX_UNFINISHED,
        TIMBRE_SOCKETS_PER_ADDRESS=MAX_SOCKETS,
        TIMBRE_REQUESTS_PER_MINUTE=REQUESTS_PER_MINUTE,
    ) as server:
        yield server


@pytest.fixture
def connect() -> Iterator[Callable[..., InOrderClient]]:
    """A real client; `came_from` says from which address."""
    clients = []

    def one(server: LiveServer, came_from: str = "192.0.2.99") -> InOrderClient:
        client = InOrderClient(reconnection=False)
        client.connect(server.url, headers={"X-Forwarded-For": came_from}, transports=["websocket"])
        clients.append(client)
        return client

    yield one
    for client in clients:
        client.disconnect()


def create(server: LiveServer, address: str, **more) -> requests.Response:
    return server.post("/api/songs", json={"name": "a.wav"}, headers={"X-Forwarded-For": address, **more})


def refused(answer: requests.Response, code: str = "too_many_requests") -> bool:
    if answer.status_code != 429:
        return False
    assert set(answer.json()["error"]) == {"code", "message", "hint"}
    assert answer.json()["error"]["code"] == code
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    return True


def test_songs_of_one_address_are_limited_and_those_of_another_are_not(limited):
    for _ in range(SONGS_PER_MINUTE):
        answer = create(limited, "192.0.2.1")
        assert answer.status_code == 201
        limited.delete(answer.json()["url"])
    assert refused(create(limited, "192.0.2.1"))
    assert refused(create(limited, "198.51.100.7, 192.0.2.1"))  # what a client says of itself is not believed
    form = {"file": ("a.wav", b"RIFF")}
    whole = limited.post("/api/songs", files=form, headers={"X-Forwarded-For": "192.0.2.1"})
    assert refused(whole)
    assert create(limited, "192.0.2.2").status_code == 201


def test_requests_of_one_address_are_limited_and_health_is_not(limited):
    def get(path: str, address: str) -> requests.Response:
        return limited.get(path, headers={"X-Forwarded-For": address})

    statuses = [get("/api/config", "192.0.2.3").status_code for _ in range(REQUESTS_PER_MINUTE)]
    assert set(statuses) == {200}
    until(lambda: refused(get("/static/css/base.css", "192.0.2.3")))
    assert get("/healthz", "192.0.2.3").status_code == 200
    assert get("/api/config", "192.0.2.4").status_code == 200
    assert 'timbre_refused_total{limit="requests"}' in limited.get("/metrics").text


def test_unfinished_songs_of_one_address_are_limited(limited):
    urls = [create(limited, "192.0.2.5").json()["url"] for _ in range(MAX_UNFINISHED)]
    assert refused(create(limited, "192.0.2.5"), "too_many_unfinished")
    limited.delete(urls[0])
    assert create(limited, "192.0.2.5").status_code == 201


def test_sockets_of_one_address_are_limited(limited):
    def shake_hands(address: str) -> requests.Response:
        return limited.get("/socket.io/?EIO=4&transport=polling", headers={"X-Forwarded-For": address})

    assert [shake_hands("2001:db8::1").status_code for _ in range(MAX_SOCKETS)] == [200] * MAX_SOCKETS
    assert refused(shake_hands("2001:db8::2"))  # the same network: a client has 2**64 addresses there
    assert shake_hands("2001:db8:0:1::1").status_code == 200


def test_microphones_count_as_songs_and_a_refusal_has_the_same_words(limited, connect):
    client = connect(limited, "192.0.2.6")
    problems: list[dict] = []
    client.on("problem", problems.append)
    for _ in range(SONGS_PER_MINUTE):
        started = client.call("live_start", {"sample_rate_hz": 32_000})
        client.call("unsubscribe", started)
    client.call("live_start", {"sample_rate_hz": 32_000})
    until(lambda: problems)
    assert problems[0]["error"] == create(limited, "192.0.2.6").json()["error"]
    assert client.connected


def test_nobody_is_believed_about_addresses_where_no_proxy_is(run_server):
    with run_server(TIMBRE_SONGS_PER_MINUTE=1) as server:
        assert create(server, "192.0.2.1").status_code == 201
        assert refused(create(server, "192.0.2.2"))


def test_a_flood_of_events_ends_and_others_do_not_feel_it(server, connect):
    quiet, flooder = connect(server), connect(server)
    problems: list[dict] = []
    flooder.on("problem", problems.append)
    flooding = threading.Event()

    def flood() -> None:
        flooding.set()
        for _ in range(4_000):
            try:
                flooder.emit("subscribe", {"song_id": "x" * 32})
            except socketio.exceptions.SocketIOError:  # it has been closed
                return

    thread = threading.Thread(target=flood)
    thread.start()
    flooding.wait()
    took_s = []
    while thread.is_alive() or len(took_s) < 50:
        started_s = time.monotonic()
        quiet.call("ack", {"song_id": "x", "index": 0})
        took_s.append(time.monotonic() - started_s)
    thread.join()
    until(lambda: not flooder.connected)
    assert problems[-1]["error"]["code"] == "too_many_requests"
    assert len(problems) <= EVENTS_PER_MINUTE / 60 + 200  # 60 tokens each, and what is refilled meanwhile
    assert sorted(took_s)[len(took_s) // 2] < 0.25
    assert max(took_s) < 2
    assert quiet.connected


def test_a_bucket_fills_at_an_even_pace():
    now_s = [0.0]
    buckets = Buckets(per_minute=60, clock=lambda: now_s[0])
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)
    assert buckets.take("a", 10) == pytest.approx(10.0)
    assert buckets.take("b") == 0.0
    now_s[0] = 2.5
    assert [buckets.take("a") for _ in range(2)] == [0.0, 0.0]
    assert buckets.take("a") == pytest.approx(0.5)
    now_s[0] = 1e6
    assert buckets.take("a", 60) == 0.0  # never more than a minute's worth
    assert buckets.take("a") > 0


def test_a_song_that_is_made_while_others_are_counted_counts_too(tmp_path):
    class Busy(Store):
        """Songs are made while it answers."""

        def songs_in(self, states):
            limits.made("a", "new")
            return []

    limits = Limits(Settings(max_unfinished=1), Busy(f"sqlite:///{tmp_path}/a.db"), Metrics())
    limits.made("a", "ended")
    with pytest.raises(TooMany):
        limits.song("a")


def test_what_costs_more_than_a_bucket_holds_takes_a_whole_one():
    now_s = [0.0]
    buckets = Buckets(per_minute=10, clock=lambda: now_s[0])
    assert buckets.take("a", 20) == 0.0
    assert buckets.take("a", 20) == pytest.approx(60.0)
    now_s[0] = 60.0
    assert buckets.take("a", 20) == 0.0


def test_memory_of_addresses_is_bounded_and_zero_is_no_limit():
    buckets = Buckets(per_minute=1)
    for i in range(30_000):
        buckets.take(str(i))
    assert len(buckets) == 20_000
    unlimited = Buckets(per_minute=0)
    assert not any(unlimited.take("a") for _ in range(1_000))
    assert len(unlimited) == 0


def test_an_address_cannot_be_told_from_its_key():
    assert client_key("192.0.2.1") == client_key("::ffff:192.0.2.1") != client_key("192.0.2.2")
    assert "192" not in client_key("192.0.2.1")
    assert client_key("") == client_key("not an address")
