"""How Freesound's search answers: words, a filter in Solr's language, pages, chosen fields."""

import math
import re
from typing import Any
from urllib.parse import urlencode

LICENSES = {
    "creative commons 0": "publicdomain/zero",
    "attribution": "licenses/by/",
    "attribution noncommercial": "licenses/by-nc/",
}
# `name:"value"`, `name:value`, `name:[low TO high]`, `name:("a" OR "b")`.
FILTER = re.compile(r'(\w+):(\[[^\]]*\]|\([^)]*\)|"[^"]*"|\S+)')
DEFAULT_FIELDS = "id,name,tags,license,username"
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 15, 150


def page_of(sounds: list[dict], query: dict[str, str], address: str) -> tuple[int, dict[str, Any]]:
    """Status and body of one answer.

    Parameters
    ----------
    sounds
        All that the host has, in the shape of its answers.
    query
        The request's parameters.
    address
        Of the search itself, for the links to other pages.
    """
    found = [sound for sound in sounds if _has_words(sound, query.get("query", "")) and _passes(sound, query)]
    size = min(int(query.get("page_size", DEFAULT_PAGE_SIZE)), MAX_PAGE_SIZE)
    number, n_pages = int(query.get("page", 1)), max(1, math.ceil(len(found) / size))
    if not 1 <= number <= n_pages:
        return 404, {"detail": "Not found"}
    fields = query.get("fields", DEFAULT_FIELDS).split(",")

    def link(page: int) -> str | None:
        return f"{address}?{urlencode(query | {'page': page})}" if 1 <= page <= n_pages else None

    shown = found[(number - 1) * size : number * size]
    results = [{name: sound[name] for name in fields if name in sound} for sound in shown]
    return 200, {
        "count": len(found),
        "next": link(number + 1),
        "previous": link(number - 1),
        "results": results,
    }


def _has_words(sound: dict, words: str) -> bool:
    text = f"{sound['name']} {' '.join(sound['tags'])}".lower()
    return all(word in text for word in words.lower().split())


def _passes(sound: dict, query: dict[str, str]) -> bool:
    return all(_allows(sound, name, value) for name, value in FILTER.findall(query.get("filter", "")))


def _allows(sound: dict, name: str, value: str) -> bool:
    if name == "license":
        wanted = re.findall(r'"([^"]*)"', value) or [value]
        return any(LICENSES[one.lower()] in sound["license"] for one in wanted)
    if value.startswith("["):
        low, _, high = value.strip("[]").split()
        return float("-inf" if low == "*" else low) <= sound[name] <= float("inf" if high == "*" else high)
    return str(sound[name]).lower() == value.strip('"').lower()
