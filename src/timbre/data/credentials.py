"""The user's own keys for hosts that ask for one. They go into a request's header and nowhere else."""

import hashlib
import json
import os
from pathlib import Path

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from timbre.errors import TimbreError

KAGGLE_HINT = (
    "Create a token at https://www.kaggle.com/settings and set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and "
    "KAGGLE_KEY, or put kaggle.json into ~/.kaggle."
)
_FINGERPRINT_DIGITS = 16
FREESOUND_HINT = "Ask for one at https://freesound.org/apiv2/apply and set FREESOUND_API_KEY."


class HeaderAuth(AuthBase):
    """`Authorization: <scheme> <key>`; requests takes it off when a host redirects to another one."""

    def __init__(self, scheme: str, key: str):
        self._scheme, self._key = scheme, key

    @property
    def fingerprint(self) -> str:
        """Tells one key from another, and tells nobody the key."""
        return hashlib.sha256(self._key.encode()).hexdigest()[:_FINGERPRINT_DIGITS]

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """The request with the header."""
        request.headers["Authorization"] = f"{self._scheme} {self._key}"
        return request


def kaggle_auth() -> AuthBase:
    """By KAGGLE_API_TOKEN, else KAGGLE_USERNAME and KAGGLE_KEY, else kaggle.json.

    Raises
    ------
    TimbreError
        `no_token`.
    """
    if token := _from_environment("KAGGLE_API_TOKEN", KAGGLE_HINT):
        return HeaderAuth("Bearer", token)
    name = _from_environment("KAGGLE_USERNAME", KAGGLE_HINT)
    key = _from_environment("KAGGLE_KEY", KAGGLE_HINT)
    return HTTPBasicAuth(name, key) if name and key else _kaggle_file_auth()


def freesound_auth() -> HeaderAuth:
    """By FREESOUND_API_KEY.

    Raises
    ------
    TimbreError
        `no_token`.
    """
    key = _from_environment("FREESOUND_API_KEY", FREESOUND_HINT)
    if not key:
        raise TimbreError("no_token", "Freesound answers only with an API key.", FREESOUND_HINT)
    return HeaderAuth("Token", key)


def _kaggle_file_auth() -> AuthBase:
    path = Path(os.environ.get("KAGGLE_CONFIG_DIR", "~/.kaggle")).expanduser() / "kaggle.json"
    if not path.exists():
        raise TimbreError("no_token", "Kaggle gives its data sets only to holders of a token.", KAGGLE_HINT)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return HTTPBasicAuth(content["username"], content["key"])
    except (OSError, ValueError, KeyError, TypeError):
        message = f"{path} cannot be read as a user name and a key."
        raise TimbreError("no_token", message, KAGGLE_HINT) from None


def _from_environment(variable: str, hint: str) -> str:
    value = os.environ.get(variable, "").strip()
    if not (value.isascii() and value.isprintable()):  # a header would refuse it, and quote it
        raise TimbreError("no_token", f"{variable} holds characters that no key has.", hint)
    return value
