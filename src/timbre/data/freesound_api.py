"""Freesound's search, page by page, within what its API allows (https://freesound.org/docs/api/)."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import requests

from timbre.data.credentials import FREESOUND_HINT, freesound_auth
from timbre.data.hosts import base_url, mirrored
from timbre.data.licenses import short_license
from timbre.data.request_budget import Rate, RequestBudget
from timbre.data.web import BUSY, ask, new_session, refusal
from timbre.errors import TimbreError
from timbre.paths import state_dir

MINUTE = Rate(60, 60.0)
DAY = Rate(2_000, 86_400.0)
PAGE_SIZE = 150  # the most that the API gives
PATIENCE = 3  # pauses in a row that the host may ask for
LONGEST_PAUSE_S = 600.0
# Short id: how the search's filter spells it (the API's documents do so in two ways).
LICENSES = {
    "cc0": ("Creative Commons 0",),
    "cc-by": ("Attribution",),
    "cc-by-nc": ("Attribution NonCommercial", "Attribution Noncommercial"),
}
_PREVIEW = "preview-hq-mp3"
_FIELDS = "id,name,tags,username,license,duration,url,previews"


@dataclass(frozen=True)
class Query:
    """What to look for; `licenses` are keys of `LICENSES`, none means any."""

    text: str
    licenses: tuple[str, ...] = ()
    min_s: float = 0.0
    max_s: float = 30.0

    @property
    def filter(self) -> str:
        """In the language of Freesound's search."""
        names = [f'"{name}"' for license_id in self.licenses for name in LICENSES[license_id]]
        licenses = f" license:({' OR '.join(names)})" if names else ""
        return f"duration:[{self.min_s:g} TO {self.max_s:g}]{licenses}"

    def allows(self, license_url: str) -> bool:
        """Whether a clip under this licence was asked for, however generously the search reads its filter."""
        name = re.sub(r" \d.*", "", short_license(license_url))  # without the version
        return not self.licenses or name.lower().replace(" ", "-") in self.licenses


@dataclass(frozen=True)
class Sound:
    """One result of a search; `preview_url` is an mp3 of good quality."""

    id: int
    name: str
    tags: tuple[str, ...]
    username: str
    license_url: str
    duration_s: float
    url: str
    preview_url: str

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> Self:
        """Of one object of a page's `results`."""
        return cls(
            id=int(answer["id"]),
            name=str(answer["name"]),
            tags=tuple(answer["tags"]),
            username=str(answer["username"]),
            license_url=str(answer["license"]),
            duration_s=float(answer["duration"]),
            url=str(answer["url"]),
            preview_url=mirrored(answer["previews"][_PREVIEW]),
        )


class Search:
    """Freesound with the user's key, whose requests are counted whatever folder they are for."""

    def __init__(
        self,
        *,
        page_size: int = PAGE_SIZE,
        per_minute: Rate = MINUTE,
        per_day: Rate = DAY,
        say: Callable[[str], None] = lambda line: None,
    ):
        self._auth = freesound_auth()
        self._session = new_session(tuple(status for status in BUSY if status != 429))
        budget_file = state_dir() / f"freesound-{self._auth.fingerprint}.json"
        self._budget = RequestBudget(budget_file, per_minute, per_day)
        self._page_size, self._say = page_size, say

    def pages(self, query: Query) -> Iterator[list[Sound]]:
        """The results, best first.

        Raises
        ------
        TimbreError
            `limit_reached`, `no_token`, `download_failed`.
        """
        number, more = 1, True
        while more:
            answer = self._page(query, number)
            try:
                sounds = [Sound.from_answer(result) for result in answer["results"]]
            except (KeyError, TypeError, ValueError):
                message = "Freesound's answer does not have the form that its documents describe."
                raise TimbreError("download_failed", message) from None
            yield [sound for sound in sounds if query.allows(sound.license_url)]
            number, more = number + 1, bool(answer.get("next"))

    def _page(self, query: Query, number: int) -> dict[str, Any]:
        # The page is asked for by number: an address out of an answer never gets the key.
        wanted = {"query": query.text, "filter": query.filter, "fields": _FIELDS}
        numbers = {"page": str(number), "page_size": str(self._page_size)}
        url = f"{base_url('freesound')}/apiv2/search/text/"
        for _ in range(PATIENCE):
            self._budget.spend()
            with ask(self._session, "GET", url, params=wanted | numbers, auth=self._auth) as response:
                if response.status_code != 429:
                    return _content(response)
                pause_s = self._pause_s(response)
            self._say(f"Freesound asks for a pause of {pause_s:.0f} s")
            time.sleep(pause_s)
        raise TimbreError("limit_reached", "Freesound keeps asking for pauses.", "Try again in an hour.")

    def _pause_s(self, response: requests.Response) -> float:
        """What the host asks for, in a header or by naming the limit."""
        asked = response.headers.get("Retry-After", "")
        pause_s = float(asked) if asked.isdigit() else self._budget.short.period_s
        if "/day" in response.text or pause_s > LONGEST_PAUSE_S:
            raise TimbreError("limit_reached", "Freesound answers this key no more for today.")
        return pause_s


def _content(response: requests.Response) -> dict[str, Any]:
    if response.status_code in (401, 403):
        raise TimbreError("no_token", "Freesound does not accept your API key.", FREESOUND_HINT)
    if not response.ok:
        raise refusal(response, "a search")
    try:
        return dict(response.json())
    except (ValueError, TypeError):
        raise TimbreError("download_failed", "Freesound sent something that is not JSON.") from None
