"""Talking to hosts: sessions that are patient with busy ones, and words for those that refuse.

Proxies come from the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), as `requests` reads it.
"""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from timbre import __version__
from timbre.errors import TimbreError

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0  # without a byte
RETRIES = 4  # of a request that got no answer, or one of BUSY
BACKOFF_S = 0.5  # the first pause; each is twice the one before
LONGEST_RETRY_AFTER_S = 120
BUSY = (429, 500, 502, 503, 504)


def new_session(retry_statuses: tuple[int, ...] = BUSY) -> requests.Session:
    """A session for one thread, which asks again when a host is not there or answers so."""
    retry = Retry(
        total=RETRIES,
        backoff_factor=BACKOFF_S,
        status_forcelist=retry_statuses,
        allowed_methods=("GET", "HEAD"),
        respect_retry_after_header=429 in retry_statuses,
        retry_after_max=LONGEST_RETRY_AFTER_S,
        raise_on_status=False,
    )
    session = requests.Session()
    session.headers["User-Agent"] = f"timbre/{__version__}"
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def ask(session: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
    """The host's answer, whatever its status.

    Raises
    ------
    TimbreError
        `download_failed` when there is none.
    """
    timeouts_s = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
    try:
        return session.request(method, url, timeout=timeouts_s, **options)
    except (requests.RequestException, ValueError) as error:  # its own words may hold a proxy's password
        raise TimbreError("download_failed", f"{host_of(url)} cannot be reached: {_why(error)}.") from None


def refusal(response: requests.Response, what: str) -> TimbreError:
    """The error for an answer that is not what was asked for."""
    status = f"{response.status_code} {response.reason or ''}".strip()
    busy = response.status_code in BUSY
    hint = "Try again later." if busy else "Its address may have changed: see the data set's home page."
    return TimbreError("download_failed", f"{host_of(response.url)} answers {status} for {what}.", hint)


def content_length(response: requests.Response) -> int | None:
    """Bytes that the answer announces; None where it says nothing, or nonsense."""
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def host_of(url: str) -> str:
    """Host and port, without a user's name or a query."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _why(error: Exception) -> str:
    reasons: dict[type[Exception], str] = {
        requests.exceptions.ProxyError: "the proxy does not let through",
        requests.exceptions.SSLError: "its certificate cannot be verified",
        requests.exceptions.Timeout: "no answer in time",
        requests.exceptions.TooManyRedirects: "it redirects in a circle",
        ValueError: "it names an address that is none",
    }
    return next((words for kind, words in reasons.items() if isinstance(error, kind)), "no connection")
