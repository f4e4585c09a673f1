"""Reading what a request's JSON body says."""

from typing import Any, TypeGuard

from flask import request

from timbre.errors import TimbreError

_LARGEST = 1e9  # no number that a client has reason to send is larger; also keeps out NaN and infinity


def json_object() -> dict[str, Any]:
    """The body.

    Raises
    ------
    TimbreError
        `bad_request` when it is not a JSON object.
    """
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # lists in lists, thousands deep
        body = None
    if not isinstance(body, dict):
        raise TimbreError("bad_request", "The body is not a JSON object.")
    return body


def is_whole(value: Any) -> TypeGuard[int]:
    """Whether it is a whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is a number that can be reckoned with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST
