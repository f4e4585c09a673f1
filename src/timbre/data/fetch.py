"""One file from its host to this disk: streamed, resumed, verified, whole or not there.

What has arrived lies in `<name>.part`, beside it a note of the host's version of the file, so that a
file that changed meanwhile is not glued to the half of the old one.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from timbre.data.disk import full_disk_told, readable_bytes, require_room
from timbre.data.hosts import Located
from timbre.data.progress import Progress, no_progress
from timbre.data.web import ask, content_length, host_of, refusal
from timbre.errors import TimbreError
from timbre.files import write_json

BLOCK_BYTES = 1 << 20
ATTEMPTS = 4  # in a row that brought less than PROGRESS_BYTES
PROGRESS_BYTES = 8 << 20
PAUSE_S = 0.5  # before the second attempt; each pause is twice the one before
PART_SUFFIX = ".part"
NOTE_SUFFIX = ".part.json"


class Digests:
    """Size, MD5 and SHA-256 of bytes as they come by."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    @classmethod
    def of_file(cls, path: Path) -> "Digests":
        """Of a file, read in blocks; of nothing where there is none."""
        digests = cls()
        if path.exists():
            with path.open("rb") as file:
                while block := file.read(BLOCK_BYTES):
                    digests.update(block)
        return digests

    def update(self, block: bytes) -> None:
        """Count more bytes."""
        self.size_bytes += len(block)
        self._md5.update(block)
        self._sha256.update(block)

    @property
    def md5(self) -> str:
        """Hex digest."""
        return self._md5.hexdigest()

    @property
    def sha256(self) -> str:
        """Hex digest."""
        return self._sha256.hexdigest()


def fetch(
    session: requests.Session, located: Located, target: Path, progress: Progress = no_progress
) -> Digests:
    """Bring a file to `target`, going on from what an earlier run left.

    Raises
    ------
    TimbreError
        `download_failed` when the host refuses or the connection keeps breaking (what came stays for the
        next run), `bad_checksum` (what came is removed), `disk_full`.
    """
    there = Digests.of_file(target)
    if target.exists() and _mismatch(located, there) is None:
        return there
    download = _Download(session, located, target, progress)
    download.run()
    return download.digests


class _Cut(Exception):
    """The connection ended before the file did."""


class _Download:
    def __init__(self, session: requests.Session, located: Located, target: Path, progress: Progress):
        self._session, self._located, self._target, self._progress = session, located, target, progress
        self._part = target.with_name(target.name + PART_SUFFIX)
        self._note_path = target.with_name(target.name + NOTE_SUFFIX)
        self._note = _read_note(self._note_path)
        self.digests = Digests.of_file(self._part) if self._note else Digests()

    def run(self) -> None:
        self._target.parent.mkdir(parents=True, exist_ok=True)
        failures = 0
        while not self._is_complete():
            before_bytes = self.digests.size_bytes
            try:
                self._receive()
                break
            except _Cut:
                failures = 1 if self.digests.size_bytes - before_bytes > PROGRESS_BYTES else failures + 1
                if failures == ATTEMPTS:
                    raise self._broken_off() from None
                time.sleep(PAUSE_S * 2 ** (failures - 1))
        self._verify()
        os.replace(self._part, self._target)
        self._note_path.unlink(missing_ok=True)

    def _is_complete(self) -> bool:
        """Whether an earlier run stopped between the last byte and the file's own name."""
        return self.digests.size_bytes > 0 and self.digests.size_bytes == self._note.get("size_bytes")

    def _receive(self) -> None:
        headers = {"Accept-Encoding": "identity", **self._range_headers()}
        options: dict[str, Any] = {"headers": headers, "auth": self._located.auth, "stream": True}
        with ask(self._session, "GET", self._located.url, **options) as response:
            if response.status_code == 206 and self._continues(response):
                self._append(response)
            elif response.status_code in (206, 416):  # not the piece that was asked for: from the start
                self._discard()
                raise _Cut
            elif response.status_code == 200:
                self._begin(response)
                self._append(response)
            elif response.status_code in (401, 403) and self._located.auth and not response.history:
                host = host_of(self._located.url)
                raise TimbreError("no_token", f"{host} does not accept your token for {self._target.name}.")
            else:
                raise refusal(response, self._target.name)

    def _range_headers(self) -> dict[str, str]:
        """Ask for the rest where a change of the host's file would be noticed: by it, or by the MD5."""
        version = self._note.get("etag") or self._note.get("last_modified")
        if self.digests.size_bytes == 0 or not (version or self._located.md5):
            return {}
        headers = {"Range": f"bytes={self.digests.size_bytes}-"}
        return headers | ({"If-Range": version} if version else {})

    def _continues(self, response: requests.Response) -> bool:
        place = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if place is None or int(place[1]) != self.digests.size_bytes:
            return False
        return place[2] == "*" or int(place[2]) == self._note.get("size_bytes", int(place[2]))

    def _begin(self, response: requests.Response) -> None:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise self._web_page()
        self._discard()
        etag = response.headers.get("ETag", "")
        note = {
            "etag": None if etag.startswith("W/") else etag,  # a weak one does not vouch for every byte
            "last_modified": response.headers.get("Last-Modified"),
            "size_bytes": content_length(response),
        }
        self._note = {name: value for name, value in note.items() if value}
        write_json(self._note_path, self._note)

    def _append(self, response: requests.Response) -> None:
        total_bytes = self._note.get("size_bytes")
        require_room(self._part.parent, (total_bytes or 0) - self.digests.size_bytes)
        self._progress(self.digests.size_bytes, total_bytes)
        with full_disk_told(self._part), self._part.open("ab") as file:
            for block in _blocks(response):
                if self.digests.size_bytes == 0 and block.lstrip()[:1] == b"<":
                    raise self._web_page()
                file.write(block)
                self.digests.update(block)
                self._progress(self.digests.size_bytes, total_bytes)
        if total_bytes and self.digests.size_bytes < total_bytes:
            raise _Cut

    def _verify(self) -> None:
        if wrong := _mismatch(self._located, self.digests):
            self._discard()
            message = (
                f"{self._target.name} is not the file that {host_of(self._located.url)} describes: {wrong}."
            )
            raise TimbreError("bad_checksum", message)

    def _discard(self) -> None:
        self._part.unlink(missing_ok=True)
        self._note_path.unlink(missing_ok=True)
        self._note, self.digests = {}, Digests()

    def _web_page(self) -> TimbreError:
        self._discard()
        message = f"{host_of(self._located.url)} sent a web page in the place of {self._target.name}."
        return TimbreError("download_failed", message, "Open its address in a browser: it may say why.")

    def _broken_off(self) -> TimbreError:
        there = readable_bytes(self.digests.size_bytes)
        host = host_of(self._located.url)
        return TimbreError(
            "download_failed",
            f"The connection to {host} keeps breaking; {there} of {self._target.name} are here.",
        )


def _blocks(response: requests.Response) -> Iterator[bytes]:
    """Bytes as soon as they arrive and as they are, even where the host calls the file compressed."""
    try:
        while block := response.raw.read1(BLOCK_BYTES, decode_content=False):
            yield block
    except HTTPError:
        raise _Cut from None


def _mismatch(located: Located, found: Digests) -> str | None:
    """What is not as the host said; None when all that it said is so."""
    if located.size_bytes is not None and found.size_bytes != located.size_bytes:
        return f"it has {found.size_bytes} bytes, not {located.size_bytes}"
    if located.md5 is not None and found.md5 != located.md5.lower():
        return f"its MD5 is {found.md5}, not {located.md5.lower()}"
    return None


def _read_note(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
