"""Logs: a line an event, as text or JSON, with the request and the song it belongs to.

File names, addresses and whole ids of songs are in no line: whoever reads a log learns nobody's music.
"""

import json
import logging
import re
import threading
import time
from contextvars import ContextVar
from typing import Any

FORMATS = ("text", "json")
SHOWN_ID = 8  # characters of a song's id that a log may show
_FIELDS = ("request", "song", "client", "method", "route", "status", "seconds", "bytes")
_WHOLE_ID = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24}\b")
# gunicorn's own words for these would hold the address, or all of the request line.
_TELLING = ("Invalid request from", "Error handling request")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def set_up(form: str) -> None:
    """Log to standard error, and everything of this process there."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    handler.addFilter(_add_request)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    threading.excepthook = _log_thread


def short(song_id: object) -> str:
    """As much of a song's id as a log may show; nothing of what is no id."""
    text = str(song_id)
    return text[:SHOWN_ID] if _WHOLE_ID.fullmatch(text) else ""


class TextLines(logging.Formatter):
    """For people: time, level, logger, message, fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a trace below it if there is one."""
        time_s = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        line = " ".join(filter(None, (time_s, record.levelname, record.name, message, fields)))
        return _without_ids(line + _trace(self, record))


class JsonLines(logging.Formatter):
    """For programs: an object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        told: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            told["trace"] = _trace(self, record).strip()
        return _without_ids(json.dumps(told, ensure_ascii=False))


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name in _FIELDS if (value := getattr(record, name, "")) != ""}


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return "\n" + formatter.formatException(record.exc_info) if record.exc_info else ""


def _without_ids(line: str) -> str:
    """Also of what others write, as the paths in a trace."""
    return _WHOLE_ID.sub(r"\1", line)


def _add_request(record: logging.LogRecord) -> bool:
    if not hasattr(record, "request"):
        record.request = request_id.get()
    telling = next((words for words in _TELLING if str(record.msg).startswith(words)), None)
    if telling:
        record.msg, record.args = telling + " a client", ()
    return True


def _log_thread(failure: threading.ExceptHookArgs) -> None:
    name = failure.thread.name if failure.thread else "unknown"
    logging.getLogger(__name__).error(
        "thread %s failed", name, exc_info=failure.exc_value or failure.exc_type(failure.exc_value)
    )
