"""The answer to what cannot be read as a request, and so never reaches the application."""

import json
import logging
from http import HTTPStatus

from gunicorn.http import errors  # type: ignore[import-untyped]

from timbre.app.front import SAFE_HEADERS
from timbre.errors import TimbreError

LOG = logging.getLogger(__name__)
_OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)  # though they are of that kind
_STATUSES = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}


def unreadable(exception: BaseException) -> bytes:
    """The bytes of an answer in the one shape of all errors.

    gunicorn's own is HTML without safe headers, and it writes the client's address into the log.
    """
    if isinstance(exception, _OURS) or not isinstance(exception, errors.ParseException):
        LOG.error("request failed", exc_info=exception)
        return _answer(TimbreError("internal"), HTTPStatus.INTERNAL_SERVER_ERROR)
    status = next((s for kind, s in _STATUSES.items() if isinstance(exception, kind)), HTTPStatus.BAD_REQUEST)
    LOG.info("no request could be read: %s", type(exception).__name__)
    return _answer(TimbreError("bad_request"), status)


def _answer(error: TimbreError, status: HTTPStatus) -> bytes:
    body = json.dumps({"error": error.as_dict()}).encode()
    headers = {
        **SAFE_HEADERS,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
    }
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
