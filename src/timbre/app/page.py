"""The page itself, rendered in the reader's language.

Its words lie in `static/locales`, one file a language, where the page's scripts find them too. The
language is the one that was chosen on the page (a cookie, kept in that browser), else what the
browser asks for.
"""

import json
from functools import cache
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from timbre.paths import STATIC_DIR

FIRST_LANGUAGE = "en"
COOKIE = "language"
_COOKIE_S = 365 * 86_400


def blueprint() -> Blueprint:
    """The routes of the page."""
    routes = Blueprint("page", __name__)

    @routes.get("/")
    @routes.get("/songs/<song_id>")
    def page(song_id: str = "") -> AnyResponse:
        chosen = request.args.get("language")
        if chosen in languages():
            return _choose(chosen)
        return _render(_language())  # a song's own page: its script asks the API for the song in its address

    return routes


@cache
def languages() -> dict[str, str]:
    """The languages that the page speaks, each by its own name."""
    codes = sorted(path.stem for path in (STATIC_DIR / "locales").glob("*.json"))
    return {code: words(code)["page.language_name"] for code in codes}


@cache
def words(language: str) -> dict[str, Any]:
    """The texts of one language by their keys; a text that depends on a number is a dict of plural forms."""
    path = STATIC_DIR / "locales" / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _language() -> str:
    chosen = request.cookies.get(COOKIE, "")
    if chosen in languages():
        return chosen
    wanted = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((language for language in wanted if language in languages()), FIRST_LANGUAGE)


def _choose(language: str) -> AnyResponse:
    """Keep the choice in the browser and go to the page that was asked for."""
    answer = redirect(request.path, 303)
    answer.set_cookie(
        COOKIE, language, max_age=_COOKIE_S, secure=request.is_secure, httponly=True, samesite="Lax"
    )
    return answer


def _render(language: str) -> Response:
    def t(key: str, **values: str) -> str:
        return str(words(language)[key]).format(**values)

    answer = make_response(render_template("index.html", t=t, language=language, languages=languages()))
    answer.content_language.add(language)
    answer.vary.update(("Accept-Language", "Cookie"))
    return answer
