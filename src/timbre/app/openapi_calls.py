"""One call of the HTTP contract. Of what can go wrong with it only the codes are told.

Status, words and headers of a code are those of its `Problem`, so that the contract cannot say others.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from timbre.app.front import UNLIMITED, error_headers
from timbre.app.openapi_schemas import ref
from timbre.errors import PROBLEMS, TimbreError

# What calls have in common: they read a body, write to the store, decode, take a file.
READS = ("bad_request", "too_large", "upload_stalled")
WRITES = ("disk_full",)
DECODES = (
    "file_unreadable", "not_audio", "no_audio_stream", "too_short", "too_long", "decoder_crashed",
)  # fmt: skip
RECEIVES = (
    *READS, *WRITES, *DECODES, "empty_file", "queue_full", "not_found", "tagging_failed", "interrupted",
)  # fmt: skip
_BODILESS = ("204", "304")
_INTEGERS = ("index", "correction_id")


@dataclass(frozen=True)
class Call:
    """A call and its answers.

    Parameters
    ----------
    codes
        Keys of `PROBLEMS`: what can go wrong with this call beside what can with any.
    statuses
        Of all other answers; their body is of the type `content` and has the shape `shape`, one of
        `schemas()`, None for any.
    odd
        Problems that come with another status than their own, by that status.
    more
        What else OpenAPI has of a call.
    """

    summary: str
    codes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("200",)
    content: str = "application/json"
    shape: str | None = None
    odd: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def described(self, path: str) -> dict[str, Any]:
        """The call as OpenAPI has it, at an address."""
        anywhere = ("internal",) if path == UNLIMITED else ("internal", "too_many_requests")
        by_status = defaultdict(list, {status: [code] for status, code in self.odd.items()})
        for code in dict.fromkeys((*self.codes, *anywhere)):
            by_status[str(PROBLEMS[code].http_status)].append(code)
        problems = {status: _problem(codes) for status, codes in sorted(by_status.items())}
        answers = {status: self._answer(status) for status in self.statuses}
        return {"summary": self.summary, **self.more, "responses": {**answers, **problems}}

    def _answer(self, status: str) -> dict[str, Any]:
        content = {self.content: {"schema": ref(self.shape)} if self.shape else {}}
        body = {} if status in _BODILESS else {"content": content}
        return {"description": HTTPStatus(int(status)).phrase, **body}


def _problem(codes: list[str]) -> dict[str, Any]:
    """An answer that is one of these problems."""
    one_of = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
    headers = {name: {"schema": {"type": "integer"}} for name in error_headers(TimbreError(codes[0]))}
    return {
        "description": " ".join(f"`{code}`: {PROBLEMS[code].message}" for code in codes),
        **({"headers": headers} if headers else {}),
        "content": {"application/json": {"schema": {"allOf": [ref("Error"), one_of]}}},
    }


def parameters(path: str) -> dict[str, Any]:
    """What stands in braces in an address, for all of its calls; nothing of an address without."""
    named = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if name in _INTEGERS else "string"},
        }
        for name in re.findall(r"{(\w+)}", path)
    ]
    return {"parameters": named} if named else {}


def query(name: str, **schema: Any) -> dict[str, Any]:
    """A parameter after the question mark."""
    return {"name": name, "in": "query", "schema": schema}
