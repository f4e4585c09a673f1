"""How large the body of a request may be, and what is said of a larger one."""

from flask import Flask, request

from timbre.app.songs import Songs
from timbre.errors import TimbreError

_FORM_PARTS = 10
_FORM_MEMORY_BYTES = 500_000  # also bounds one read of the body
_FORM_OVERHEAD_BYTES = 64_000  # around the file, in a multipart body
_JSON_BYTES = 64_000


def limit_forms(app: Flask) -> None:
    """Bound what forms hold beside their file."""
    app.config["MAX_FORM_PARTS"] = _FORM_PARTS
    app.config["MAX_FORM_MEMORY_SIZE"] = _FORM_MEMORY_BYTES


def limit_body(max_bytes: int) -> None:
    """Bound the body of this request, which may carry a file of `max_bytes`."""
    if _is_form():
        request.max_content_length = max_bytes + _FORM_OVERHEAD_BYTES
    elif request.endpoint != "songs.upload":  # which counts its bytes itself
        request.max_content_length = _JSON_BYTES


def too_large(songs: Songs) -> TimbreError:
    """What of this request was too large, with the limit that it met."""
    if not _is_form():
        return TimbreError(
            "too_large",
            f"The JSON body is larger than {_JSON_BYTES / 1e3:g} kB.",
            "Send only what the call asks for; the bytes of a song go to its upload_url.",
        )
    if _is_beyond_limit():
        return songs.too_large()
    return TimbreError(
        "too_large",
        f"The form has more than {_FORM_PARTS} parts or {_FORM_MEMORY_BYTES / 1e3:g} kB outside its file.",
        "Send nothing but the file, as the field `file`.",
    )


def _is_form() -> bool:
    return request.mimetype == "multipart/form-data"


def _is_beyond_limit() -> bool:
    """Whether the whole body is too large; what is sent in chunks tells its length by where reading ended."""
    if request.content_length is not None:
        return request.content_length > (request.max_content_length or 0)
    return bool(getattr(request.stream, "is_exhausted", False))
