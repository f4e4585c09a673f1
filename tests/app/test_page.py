"""The page as the server renders it: in the reader's language, and whole without a script."""

import html
import re

import pytest

from timbre.app.page import COOKIE, languages, words
from timbre.errors import PROBLEMS
from timbre.paths import PROJECT_ROOT
from timbre.taxonomy import FAMILIES, INSTRUMENTS


def question(answer) -> str:
    """The first screen's large words, and the language that the page says they are in."""
    language = re.search(r'<html lang="(\w+)">', answer.text)[1]
    assert answer.headers["Content-Language"] == language
    asked = html.unescape(re.search(r'id="question">([^<]+)<', answer.text)[1])
    assert asked == words(language)["start.question"]
    return language


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("de-CH,de;q=0.9,en;q=0.5", "de"),
        ("fr,en;q=0.3", "en"),
        ("fr", "en"),
        ("", "en"),
        ("de;q=0.2,en-US", "en"),
    ],
)
def test_the_page_speaks_the_browsers_language(server, wanted, given):
    for path in ("/", "/songs/any"):
        answer = server.get(path, headers={"Accept-Language": wanted})
        assert question(answer) == given
        assert {"Accept-Language", "Cookie"} <= set(re.split(r",\s*", answer.headers["Vary"]))


def test_a_chosen_language_is_kept_in_the_browser_and_the_address_stays_clean(server):
    answer = server.get("/songs/any?language=de", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/songs/any")
    kept = answer.cookies[COOKIE]
    assert question(server.get("/", cookies={COOKIE: kept}, headers={"Accept-Language": "en"})) == "de"
    assert question(server.get("/?language=../../x", cookies={COOKIE: "../../x"})) == "en"


def test_no_key_is_left_where_words_should_be(server):
    for language in languages():
        text = server.get("/", headers={"Accept-Language": language}).text
        assert not [key for key in words(language) if f">{key}<" in text or f'"{key}"' in text]


def test_english_names_instruments_as_the_ontology_does():
    english = words("en")
    assert {i.id: i.name for i in INSTRUMENTS} == under(english, "instrument.")
    assert {id_: name for id_, (name, _) in FAMILIES.items()} == under(english, "family.")


def test_every_problem_that_can_reach_the_page_has_its_words():
    english = words("en")
    source = PROJECT_ROOT / "src" / "timbre"
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for part in ("app", "audio")
        for path in (source / part).rglob("*.py")
    )
    raised = set(re.findall(r'TimbreError\(\s*"(\w+)"', code)) | {"too_large", "unknown_address"}
    for name in raised:
        told = (english[f"error.{name}.message"], english[f"error.{name}.hint"])
        assert told == (PROBLEMS[name].message, PROBLEMS[name].hint)


def under(texts: dict, start: str) -> dict[str, str]:
    return {key.removeprefix(start): text for key, text in texts.items() if key.startswith(start)}
