import gzip
import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from loopback_hosts import Hosts

from timbre.data import fetch as fetch_module
from timbre.data.dataset import Remote
from timbre.data.fetch import Digests, fetch
from timbre.data.hosts import Hosts as RealHosts
from timbre.data.hosts import Located
from timbre.data.web import new_session
from timbre.errors import TimbreError

CONTENT = b"PK" + np.random.default_rng(0).bytes(600_000)
PLACE = "mirror/files.example/song.zip"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(fetch_module, "PAUSE_S", 0.01)


@pytest.fixture
def hosts(tmp_path) -> Iterator[Hosts]:
    path = tmp_path / "places" / PLACE
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    with Hosts(tmp_path / "places") as running:
        yield running


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "here" / "song.zip"


def bring(hosts: Hosts, target: Path, **known) -> Digests:
    with new_session() as session:
        return fetch(session, Located(f"{hosts.url()}/{PLACE}", **known), target)


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A host that answers every GET in its own way."""
    handler = type("Handler", (BaseHTTPRequestHandler,), {"do_GET": answer, "log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_file_arrives_whole_and_is_known_by_its_digests(hosts, target):
    md5 = hashlib.md5(CONTENT).hexdigest()
    digests = bring(hosts, target, size_bytes=len(CONTENT), md5=md5)
    assert target.read_bytes() == CONTENT
    assert (digests.size_bytes, digests.md5) == (len(CONTENT), md5)
    assert digests.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert list(target.parent.iterdir()) == [target]


def test_after_a_cut_only_the_rest_is_asked_for(hosts, target):
    hosts.fault("*song.zip", cut_at=0.6, times=1)
    bring(hosts, target, md5=hashlib.md5(CONTENT).hexdigest())
    first, second = hosts.asked("*song.zip")
    assert target.read_bytes() == CONTENT
    assert second.status == 206
    assert second.headers["range"] == f"bytes={first.sent_bytes}-"
    assert first.sent_bytes + second.sent_bytes == len(CONTENT)


def test_a_host_that_always_cuts_is_given_up_and_the_next_run_goes_on(hosts, target):
    hosts.fault("*song.zip", cut_at=0.6)
    with pytest.raises(TimbreError, match=r"keeps breaking; 360 kB of song\.zip are here.*goes on"):
        bring(hosts, target)
    assert len(hosts.asked("*")) == fetch_module.ATTEMPTS
    assert not target.exists()
    hosts.heal()
    bring(hosts, target, md5=hashlib.md5(CONTENT).hexdigest())
    assert target.read_bytes() == CONTENT
    assert hosts.asked("*")[-1].sent_bytes == len(CONTENT) - int(0.6 * len(CONTENT))


def stop_half_way(hosts: Hosts, target: Path) -> None:
    class Enough(Exception):
        pass

    def progress(done_bytes: int, total_bytes: int | None) -> None:
        assert total_bytes == len(CONTENT)
        if done_bytes > 0:
            raise Enough

    with pytest.raises(Enough), new_session() as session:
        fetch(session, Located(f"{hosts.url()}/{PLACE}"), target, progress)


def test_what_was_interrupted_goes_on(hosts, target):
    stop_half_way(hosts, target)
    assert not target.exists()
    bring(hosts, target)
    assert target.read_bytes() == CONTENT
    assert hosts.asked("*")[-1].status == 206


def test_a_file_that_changed_meanwhile_is_not_glued_to_its_old_half(hosts, target, tmp_path):
    stop_half_way(hosts, target)
    (tmp_path / "places" / PLACE).write_bytes(CONTENT[::-1])
    with Hosts(tmp_path / "places") as later:
        bring(later, target)
        assert later.asked("*")[0].headers["range"]
    assert target.read_bytes() == CONTENT[::-1]


def test_a_host_without_ranges_sends_it_all_again(hosts, target):
    stop_half_way(hosts, target)
    hosts.fault("*song.zip", no_range=True)
    bring(hosts, target)
    assert target.read_bytes() == CONTENT


def test_more_than_the_host_has_is_thrown_away(hosts, target):
    target.parent.mkdir()
    target.with_name("song.zip.part").write_bytes(CONTENT + b"and more")
    tag = f'\\"{hashlib.md5(CONTENT).hexdigest()}\\"'
    target.with_name("song.zip.part.json").write_text(f'{{"etag": "{tag}"}}')
    bring(hosts, target)
    assert [one.status for one in hosts.asked("*")] == [416, 200]
    assert target.read_bytes() == CONTENT


def test_what_is_complete_is_not_asked_for_again(hosts, target):
    target.parent.mkdir()
    target.with_name("song.zip.part").write_bytes(CONTENT)
    target.with_name("song.zip.part.json").write_text(f'{{"size_bytes": {len(CONTENT)}}}')
    bring(hosts, target, md5=hashlib.md5(CONTENT).hexdigest())
    assert bring(hosts, target, size_bytes=len(CONTENT)).size_bytes == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert not hosts.log


def test_a_wrong_checksum_is_an_error_and_leaves_nothing(hosts, target):
    md5 = hashlib.md5(CONTENT).hexdigest()
    hosts.fault("*song.zip", wrong_bytes=True, times=1)
    with pytest.raises(TimbreError, match=f"its MD5 is [0-9a-f]{{32}}, not {md5}") as caught:
        bring(hosts, target, md5=md5)
    assert caught.value.code == "bad_checksum"
    assert not list(target.parent.iterdir())
    bring(hosts, target, md5=md5)
    assert target.read_bytes() == CONTENT


def test_the_checksum_counts_what_was_there_before(hosts, target):
    stop_half_way(hosts, target)
    part = target.with_name("song.zip.part")
    part.write_bytes(bytes(part.stat().st_size))
    with pytest.raises(TimbreError, match="its MD5"):
        bring(hosts, target, md5=hashlib.md5(CONTENT).hexdigest())


def test_another_size_than_promised_is_an_error(hosts, target):
    with pytest.raises(TimbreError, match=f"it has {len(CONTENT)} bytes, not 7"):
        bring(hosts, target, size_bytes=7)


def test_a_missing_file_is_told_with_its_host(hosts, target):
    (hosts.folder / PLACE).unlink()
    with pytest.raises(TimbreError, match=r"127\.0\.0\.1:\d+ answers 404 Not Found for song\.zip"):
        bring(hosts, target)


def test_a_busy_host_is_asked_again_when_it_says(hosts, target):
    hosts.fault("*song.zip", status=503, retry_after_s=0, times=2)
    bring(hosts, target)
    assert [one.status for one in hosts.asked("*")] == [503, 503, 200]


def test_a_host_that_is_not_there_is_told(target, monkeypatch):
    monkeypatch.setattr("timbre.data.web.RETRIES", 0)
    with new_session() as session, pytest.raises(TimbreError, match=r"127\.0\.0\.1:1 cannot be reached"):
        fetch(session, Located("http://127.0.0.1:1/song.zip"), target)


def test_a_web_page_is_no_archive(hosts, target):
    hosts.fault("*song.zip", html=True)
    with pytest.raises(TimbreError, match=r"sent a web page in the place of song\.zip"):
        bring(hosts, target)
    hosts.heal()
    (hosts.folder / PLACE).write_bytes(b"\n<!DOCTYPE html><p>Please log in")  # and calls it a file
    with pytest.raises(TimbreError, match="sent a web page"):
        bring(hosts, target)
    assert not list(target.parent.iterdir())


def test_a_full_disk_is_told_and_what_came_is_kept(hosts, target):
    code = """if True:
        import resource, sys
        from pathlib import Path
        from timbre.data.fetch import fetch
        from timbre.data.hosts import Located
        from timbre.data.web import new_session
        from timbre.errors import TimbreError
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # as if the disk ended there
        try:
            fetch(new_session(), Located(sys.argv[1]), Path(sys.argv[2]))
        except TimbreError as error:
            print(error.code, error)
    """
    command = [sys.executable, "-c", code, f"{hosts.url()}/{PLACE}", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("disk_full There is no room left in")
    assert target.with_name("song.zip.part").stat().st_size == 200_000
    bring(hosts, target, md5=hashlib.md5(CONTENT).hexdigest())
    assert hosts.asked("*")[-1].sent_bytes == len(CONTENT) - 200_000


def test_a_length_that_is_not_said_is_still_checked(target):
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.protocol_version = "HTTP/1.1"
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b"%x\r\n%b\r\n" % (len(CONTENT), CONTENT))
        whole = len(asked) > 0
        asked.append(request.path)
        request.wfile.write(b"0\r\n\r\n" if whole else b"ffff\r\nPK")
        request.close_connection = True

    asked: list[str] = []
    with serving(answer) as url, new_session() as session:
        fetch(session, Located(f"{url}/song.zip"), target)
    assert len(asked) == 2
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("md5", [None, hashlib.md5(CONTENT).hexdigest()])
def test_without_a_word_on_the_version_only_a_checksum_lets_it_go_on(target, md5):
    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.headers["Range"])
        start = 1000 if asked[-1] else 0
        request.send_response(206 if start else 200)
        request.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        request.send_header("Content-Length", str(len(CONTENT) - start))
        request.send_header("ETag", 'W/"weak"')
        request.end_headers()
        request.wfile.write(CONTENT[start:] if len(asked) > 1 else CONTENT[:1000])

    asked: list[str | None] = []
    with serving(answer) as url, new_session() as session:
        fetch(session, Located(f"{url}/song.zip", md5=md5), target)
    assert asked == [None, "bytes=1000-" if md5 else None]
    assert target.read_bytes() == CONTENT


def test_a_redirect_to_nowhere_is_told(target):
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", "http://[::no-address/")
        request.end_headers()

    with serving(answer) as url, new_session() as session, pytest.raises(TimbreError) as caught:
        fetch(session, Located(url), target)
    assert "names an address that is none" in caught.value.message


def test_a_length_that_is_no_number_says_nothing(target):
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "long")
        request.end_headers()
        request.wfile.write(CONTENT)

    with serving(answer) as url, new_session() as session:
        assert fetch(session, Located(url), target).size_bytes == len(CONTENT)


@pytest.mark.parametrize("file", [{"key": "a"}, {"key": "a", "size": 1, "checksum": None}, "a"])
def test_a_record_of_another_form_is_told(file, monkeypatch):
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(json.dumps({"files": [file]}).encode())

    with serving(answer) as url, new_session() as session:
        monkeypatch.setenv("TIMBRE_ZENODO_URL", url)
        with pytest.raises(TimbreError, match="sent no list of files for record 1"):
            RealHosts().locate(session, Remote("zenodo:1/a", 1))


def test_an_archive_that_the_host_calls_compressed_stays_as_it_is(tmp_path):
    archive = gzip.compress(b"tar" * 1000)

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(archive)))
        request.send_header("Content-Encoding", "x-gzip")
        request.end_headers()
        request.wfile.write(archive)

    with serving(answer) as url, new_session() as session:
        fetch(session, Located(f"{url}/notes.tgz"), tmp_path / "notes.tgz")
    assert (tmp_path / "notes.tgz").read_bytes() == archive


def test_the_environments_proxy_is_used_unless_it_says_no(hosts, target, monkeypatch):
    def forward(request: BaseHTTPRequestHandler) -> None:
        through.append(request.path)
        place = urlsplit(request.path)
        connection = HTTPConnection(place.hostname, place.port, timeout=10)
        connection.request("GET", place.path, headers=dict(request.headers))
        answer = connection.getresponse()
        request.send_response(answer.status)
        for name, value in answer.getheaders():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(answer.read())
        connection.close()

    through: list[str] = []
    with serving(forward) as proxy:
        for name in ("NO_PROXY", "no_proxy", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", proxy)
        bring(hosts, target)
        assert through == [f"{hosts.url()}/{PLACE}"]
        assert target.read_bytes() == CONTENT
        target.unlink()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        bring(hosts, target)
        assert len(through) == 1
