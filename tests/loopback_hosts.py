"""The hosts of the data sets, played on loopback from a folder of `miniatures.build`.

Zenodo (records and their files), Kaggle (a redirect to a storage host on another port, for those who
have a token), plain file hosts (`/mirror/<host>/<path>`) and Freesound (search by pages, limits,
previews). Every answer is written down in `log`; `fault` makes a host misbehave.

    with Hosts(folder) as hosts:
        done = hosts.timbre("data", "download", "irmas", "--raw", raw)
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from freesound_search import page_of

KAGGLE_TOKEN, KAGGLE_USERNAME, KAGGLE_KEY = "loopback-token", "ann", "loopback-key"
FREESOUND_KEY = "loopback-freesound-key"
BLOCK_BYTES = 1 << 14
PATIENCE_S = 60
ERROR_PAGE = b"<!DOCTYPE html><html><body>Service is being maintained</body></html>"


@dataclass(frozen=True)
class Answered:
    """One request as it arrived, and what was sent; header names are in lower case."""

    host: str  # "front" or "storage"
    method: str
    path: str
    headers: dict[str, str]
    status: int
    sent_bytes: int


@dataclass
class Fault:
    """How the answers for some file go wrong; `times` times, or always where it is None.

    Attributes
    ----------
    cut_at
        Share of the file's bytes after which the connection is cut.
    status, retry_after_s
        An error in the place of the file, and after how long to come again.
    wrong_bytes
        The right length, other content.
    html
        200 and a page for people.
    bytes_per_s
        No faster than this.
    no_range
        The whole file, whatever part was asked for.
    """

    cut_at: float | None = None
    status: int | None = None
    retry_after_s: int | None = None
    wrong_bytes: bool = False
    html: bool = False
    bytes_per_s: int | None = None
    no_range: bool = False
    times: int | None = None


@dataclass
class Hosts:
    """All hosts over one folder."""

    folder: Path
    freesound_per_minute: int = 60
    freesound_per_day: int = 2_000
    faults: list[tuple[str, Fault]] = field(default_factory=list)

    def __enter__(self) -> "Hosts":
        self._lock = threading.Condition()
        self._n_in_flight = 0
        self._log: list[Answered] = []
        self._searches: deque[float] = deque()
        self._digests: dict[tuple[Path, int], str] = {}
        self._servers = {name: self._start(name) for name in ("front", "storage")}
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def _start(self, name: str) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"host": name, "hosts": self})
        )
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server

    def url(self, name: str = "front") -> str:
        return f"http://127.0.0.1:{self._servers[name].server_port}"

    def environment(self, kaggle: bool = True) -> dict[str, str]:
        """A whole environment that points the project here; without a Kaggle token if so wished."""
        places = dict.fromkeys(("TIMBRE_ZENODO_URL", "TIMBRE_KAGGLE_URL", "TIMBRE_FREESOUND_URL"), self.url())
        keys = {"FREESOUND_API_KEY": FREESOUND_KEY, "KAGGLE_CONFIG_DIR": str(self.folder)}
        keys |= {"XDG_STATE_HOME": str(self.folder / "state")}
        token = {"KAGGLE_API_TOKEN": KAGGLE_TOKEN} if kaggle else {}
        others = {name: value for name, value in os.environ.items() if not name.startswith("KAGGLE_")}
        no_proxy = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        return others | places | {"TIMBRE_MIRROR_URL": f"{self.url()}/mirror"} | keys | token | no_proxy

    def timbre(self, *arguments: object, kaggle: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command `timbre` with these hosts, as a person would."""
        command = [str(Path(sys.executable).with_name("timbre")), *map(str, arguments)]
        environment = self.environment(kaggle)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def fault(self, pattern: str, **how: Any) -> Fault:
        """Make answers for paths like this pattern (`*part1.zip*`) go wrong from now on."""
        fault = Fault(**how)
        self.faults.append((pattern, fault))
        return fault

    def heal(self) -> None:
        """Forget all faults."""
        self.faults.clear()

    @property
    def log(self) -> list[Answered]:
        """All that was asked, in the order of the answers' ends, once nothing is being answered."""
        with self._lock:
            assert self._lock.wait_for(lambda: self._n_in_flight == 0, PATIENCE_S)
            return self._log

    def asked(self, pattern: str, method: str = "GET") -> list[Answered]:
        """The log's lines for paths like this pattern."""
        return [one for one in self.log if one.method == method and fnmatch(unquote(one.path), pattern)]

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While the log is not complete."""
        with self._lock:
            self._n_in_flight += 1
        try:
            yield
        finally:
            with self._lock:
                self._n_in_flight -= 1
                self._lock.notify_all()

    def note(self, answered: Answered) -> None:
        with self._lock:
            self._log.append(answered)

    def next_fault(self, path: str) -> Fault:
        """The fault that this answer suffers; one without effect if none."""
        with self._lock:
            for pattern, fault in self.faults:
                if fnmatch(path, pattern) and fault.times != 0:
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
        return Fault()

    def digest(self, file: Path) -> str:
        """Hex MD5 of a served file."""
        version = file, file.stat().st_mtime_ns
        if version not in self._digests:
            self._digests[version] = hashlib.md5(file.read_bytes()).hexdigest()
        return self._digests[version]

    def throttled(self) -> str | None:
        """The rate that one more search would exceed, in Freesound's words; else count the search."""
        now_s = time.monotonic()
        with self._lock:
            if len(self._searches) >= self.freesound_per_day:
                return f"{self.freesound_per_day}/day"
            if sum(now_s - at_s < 60 for at_s in self._searches) >= self.freesound_per_minute:
                return f"{self.freesound_per_minute}/minute"
            self._searches.append(now_s)
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: str
    hosts: Hosts

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal: the hosts have a log of their own."""

    def handle(self) -> None:
        with suppress(ConnectionError):  # whoever asked has gone
            super().handle()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        with self.hosts.answering():
            self._answer_or_fail(unquote(urlsplit(self.path).path))

    def _answer_or_fail(self, path: str) -> None:
        self.fault = self.hosts.next_fault(path)
        if self.fault.status:
            wait_s = self.fault.retry_after_s
            return self._say(self.fault.status, b"", {} if wait_s is None else {"Retry-After": str(wait_s)})
        if self.fault.html:
            return self._say(200, ERROR_PAGE, {"Content-Type": "text/html; charset=utf-8"})
        return self._answer([part for part in path.split("/") if part])

    def _answer(self, parts: list[str]) -> None:
        match parts:
            case ["api", "records", record]:
                self._zenodo_record(record)
            case ["api", "records", record, "files", name, "content"]:
                self._file(self.hosts.folder / "zenodo" / record / name)
            case ["api", "v1", "datasets", "download", owner, name]:
                self._kaggle(owner, name)
            case ["storage", owner, name] if self.host == "storage":
                self._file(self.hosts.folder / "kaggle" / owner / name)
            case ["mirror", *place]:
                self._file(self.hosts.folder.joinpath("mirror", *place))
            case ["apiv2", "search", "text"]:
                self._freesound_search()
            case ["previews", *place]:
                self._file(self.hosts.folder.joinpath("freesound", "previews", *place))
            case _:
                self._say(404, b"")

    def _zenodo_record(self, record: str) -> None:
        files = sorted((self.hosts.folder / "zenodo" / record).glob("*"))
        if not files:
            return self._say_json(404, {"status": 404, "message": "This record does not exist."})
        place = f"{self.hosts.url()}/api/records/{record}"
        listed = [
            {
                "id": file.name,
                "key": file.name,
                "size": file.stat().st_size,
                "checksum": f"md5:{self.hosts.digest(file)}",
                "links": {"self": f"{place}/files/{file.name}/content"},
            }
            for file in files
        ]
        return self._say_json(200, {"id": int(record), "links": {"self": place}, "files": listed})

    def _kaggle(self, owner: str, name: str) -> None:
        basic = base64.b64encode(f"{KAGGLE_USERNAME}:{KAGGLE_KEY}".encode()).decode()
        given = self.headers.get("Authorization")
        if given not in (f"Bearer {KAGGLE_TOKEN}", f"Basic {basic}"):
            status = 403 if given else 401
            return self._say_json(status, {"code": status, "message": "Unauthenticated"})
        if not (self.hosts.folder / "kaggle" / owner / f"{name}.zip").is_file():
            return self._say_json(404, {"code": 404, "message": "Not found"})
        storage = f"{self.hosts.url('storage')}/storage/{owner}/{name}.zip?X-Goog-Signature=once"
        return self._say(302, b"", {"Location": storage})

    def _freesound_search(self) -> None:
        given = self.headers.get("Authorization")
        if given != f"Token {FREESOUND_KEY}":
            said = "Invalid token" if given else "Authentication credentials were not provided."
            return self._say_json(401, {"detail": said})
        if rate := self.hosts.throttled():
            said = f"Request was throttled because of exceeding a request limit rate ({rate})"
            return self._say_json(429, {"detail": said})
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        text = (self.hosts.folder / "freesound" / "sounds.json").read_text()
        sounds = json.loads(text.replace("{host}", self.hosts.url()))
        status, answer = page_of(sounds, query, f"{self.hosts.url()}/apiv2/search/text/")
        return self._say_json(status, answer)

    def _file(self, file: Path) -> None:
        if not file.is_file():
            return self._say(404, b"")
        content = file.read_bytes()
        if self.fault.wrong_bytes:
            content = content[::-1]
        tag = f'"{self.hosts.digest(file)}"'
        headers = {"ETag": tag, "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
        start = 0 if self.fault.no_range else self._start_of_range(tag)
        if start is None or start == 0:
            return self._say(200, content, headers, cut_at=self._cut(content))
        if start >= len(content):
            return self._say(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return self._say(206, content[start:], headers, cut_at=max(0, self._cut(content) - start))

    def _start_of_range(self, tag: str) -> int | None:
        """Where the asked part begins; None where the whole file is the answer."""
        wanted = self.headers.get("Range", "")
        if not wanted.startswith("bytes=") or self.headers.get("If-Range", tag) != tag:
            return None
        return int(wanted.removeprefix("bytes=").partition("-")[0])

    def _cut(self, content: bytes) -> int:
        return len(content) if self.fault.cut_at is None else int(self.fault.cut_at * len(content))

    def _say_json(self, status: int, value: object) -> None:
        self._say(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _say(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, cut_at: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        sent_bytes = 0 if self.command == "HEAD" else self._send(body[:cut_at])
        asked = {name.lower(): value for name, value in self.headers.items()}
        self.hosts.note(Answered(self.host, self.command, self.path, asked, status, sent_bytes))
        if cut_at is not None and cut_at < len(body):
            self.close_connection = True

    def _send(self, body: bytes) -> int:
        sent_bytes = 0
        with suppress(ConnectionError):
            for block in _blocks(body):
                self.wfile.write(block)
                sent_bytes += len(block)
                if self.fault.bytes_per_s:
                    time.sleep(len(block) / self.fault.bytes_per_s)
        self.close_connection |= sent_bytes < len(body)
        return sent_bytes


def _blocks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), BLOCK_BYTES):
        yield body[start : start + BLOCK_BYTES]
