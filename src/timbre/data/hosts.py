"""From a remote's address to where its file really is, how large, and with which checksum.

Every host's own address stands in `HOSTS` and can be replaced by the environment, for mirrors and for
tests; `TIMBRE_MIRROR_URL` stands for all others as `<mirror>/<host>/<path>`.
"""

import os
import threading
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import AuthBase

from timbre.data.credentials import kaggle_auth
from timbre.data.dataset import Remote
from timbre.data.web import ask, content_length, host_of, refusal
from timbre.errors import TimbreError

# Host: the variable that replaces its address, and its address.
HOSTS = {
    "zenodo": ("TIMBRE_ZENODO_URL", "https://zenodo.org"),
    "kaggle": ("TIMBRE_KAGGLE_URL", "https://www.kaggle.com"),
    "freesound": ("TIMBRE_FREESOUND_URL", "https://freesound.org"),
}
MIRROR_VARIABLE = "TIMBRE_MIRROR_URL"
# Hosts that sign an address for GET alone answer HEAD with these.
NO_HEAD = (403, 405, 501)


@dataclass(frozen=True)
class Located:
    """A file on its host; `size_bytes` and `md5` are the host's own words, None where it says nothing."""

    url: str
    size_bytes: int | None = None
    md5: str | None = None
    auth: AuthBase | None = None


def base_url(host: str) -> str:
    """Address of a host of `HOSTS`, without a slash at its end."""
    variable, address = HOSTS[host]
    return (os.environ.get(variable) or address).rstrip("/")


def mirrored(url: str) -> str:
    """The address itself, or its place on the mirror."""
    mirror = os.environ.get(MIRROR_VARIABLE)
    scheme, _, rest = url.partition("://")
    return f"{mirror.rstrip('/')}/{rest}" if mirror and scheme == "https" else url


class Hosts:
    """Knows where files are. Zenodo is asked once a record; may be shared between threads."""

    def __init__(self) -> None:
        self._records: dict[str, dict[str, Located]] = {}
        self._lock = threading.Lock()

    def locate(self, session: requests.Session, remote: Remote) -> Located:
        """Where a remote's file is.

        Raises
        ------
        TimbreError
            `download_failed` when the host does not have it, `no_token` when it wants the user's.
        """
        scheme, _, rest = remote.address.partition(":")
        if scheme == "zenodo":
            return self._on_zenodo(session, *rest.split("/", 1))
        if scheme == "kaggle":
            url = f"{base_url('kaggle')}/api/v1/datasets/download/{rest}"
            return Located(url, None, remote.md5, kaggle_auth())
        return _by_head(session, mirrored(remote.address), remote.md5)

    def _on_zenodo(self, session: requests.Session, record: str, name: str) -> Located:
        with self._lock:
            if record not in self._records:
                self._records[record] = _zenodo_files(session, record)
        file = self._records[record].get(name)
        if file is None:
            raise TimbreError("download_failed", f"Zenodo's record {record} has no file {name}.")
        return file


def _zenodo_files(session: requests.Session, record: str) -> dict[str, Located]:
    """The files of a record by their names."""
    url = f"{base_url('zenodo')}/api/records/{record}"
    with ask(session, "GET", url) as response:
        if not response.ok:
            raise refusal(response, f"record {record}")
        try:
            return {file["key"]: _zenodo_file(file) for file in response.json()["files"]}
        except (ValueError, KeyError, TypeError, AttributeError):
            message = f"{host_of(url)} sent no list of files for record {record}."
            raise TimbreError("download_failed", message) from None


def _zenodo_file(file: dict[str, Any]) -> Located:
    kind, _, digest = file.get("checksum", "").partition(":")
    return Located(file["links"]["self"], int(file["size"]), digest if kind == "md5" else None)


def _by_head(session: requests.Session, url: str, md5: str | None) -> Located:
    identity = {"Accept-Encoding": "identity"}  # the size of the file, not of a compressed answer
    with ask(session, "HEAD", url, headers=identity, allow_redirects=True) as response:
        if not response.ok and response.status_code not in NO_HEAD:
            raise refusal(response, url.rsplit("/", 1)[-1])
        return Located(url, content_length(response) if response.ok else None, md5)
