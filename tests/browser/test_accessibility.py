"""The page for everyone: axe on every screen in both themes, keyboard, zoom, one announcement at a time."""

import io
from collections.abc import Iterator
from itertools import pairwise

import pytest
from live_page import assert_nothing_blocks, troubles_of
from live_server import until
from PIL import Image
from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def songs(server, wav, encode, bad_files) -> dict[str, str]:
    """Addresses of a song that is done, of a single sound, and of a song that failed."""
    ids = {
        "done": server.upload(encode(wav, "song.mp3", "-b:a 128k")),
        "failed": server.create("letter.mp3")[0],
    }
    server.put(f"/api/songs/{ids['failed']}/upload", data=bad_files["random"].read_bytes())
    ids["note"] = server.upload(encode(wav, "note.wav", "-t 1.5"))
    server.wait(ids["done"])
    server.wait(ids["note"])
    server.wait(ids["failed"], ("failed",))
    return {state: f"{server.url}/songs/{song_id}" for state, song_id in ids.items()}


@pytest.fixture(scope="module", params=["light", "dark"])
def themed(request, browser: Browser) -> Iterator[Page]:
    """A page in each theme, without the movement that axe would have to wait for."""
    context = browser.new_context(
        color_scheme=request.param, reduced_motion="reduce", viewport={"width": 1280, "height": 860}
    )
    troubles = troubles_of(context)
    page = context.new_page()
    page.colours_alone = request.param == "dark"
    yield page
    context.close()
    assert troubles == []


def open_done(page: Page, songs: dict[str, str]) -> None:
    page.goto(songs["done"])
    until(lambda: page.get_attribute("#state", "data-state") == "done")


def test_the_first_screen(themed, server, wav):
    themed.goto(server.url)
    themed.set_input_files("#file", wav)
    until(lambda: themed.get_attribute("#state", "data-state") == "done")
    themed.goto(server.url)
    until(lambda: themed.locator("#kept-songs li").count() == 1)
    assert_nothing_blocks(themed, colours_alone=themed.colours_alone)


def test_a_song_on_its_way(themed, server, wav):
    line = themed.context.new_cdp_session(themed)
    rates = {"downloadThroughput": -1, "uploadThroughput": wav.stat().st_size / 300}  # five minutes
    themed.goto(server.url)
    line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, **rates})
    themed.set_input_files("#file", wav)
    until(lambda: themed.inner_text("#state").startswith("Uploading"))
    assert_nothing_blocks(themed, colours_alone=themed.colours_alone)
    themed.click("#cancel")
    line.detach()


def test_a_song_that_is_done(themed, songs):
    open_done(themed, songs)
    themed.click("#entries > summary")
    themed.click("#summary-all")
    until(lambda: themed.locator("#entries-rows tr").count() > 0)
    assert_nothing_blocks(themed, colours_alone=themed.colours_alone)


def test_a_single_sound(themed, songs):
    themed.goto(songs["note"])
    until(lambda: themed.is_visible("#single-name"))
    assert_nothing_blocks(themed, colours_alone=themed.colours_alone)


def test_a_song_that_failed(themed, songs):
    themed.goto(songs["failed"])
    until(lambda: themed.is_visible("#problem"))
    assert_nothing_blocks(themed, colours_alone=themed.colours_alone)


def test_one_answer_and_what_is_said_against_it(themed, server, wav, encode):
    song_id = server.upload(encode(wav, "note.wav", "-t 1.6"))
    server.wait(song_id)
    themed.goto(f"{server.url}/songs/{song_id}")
    until(lambda: themed.is_visible("#single-name"))
    assert_nothing_blocks(themed, colours_alone=themed.colours_alone)
    themed.click("#single-seconds")
    themed.click("#corrections [data-verdict=missing]")
    until(lambda: themed.locator("#corrections-list li").count() == 1)
    assert_nothing_blocks(themed, colours_alone=themed.colours_alone)


def test_the_microphone(themed, server):
    themed.goto(server.url)
    themed.click("#microphone")
    until(lambda: themed.get_attribute("body", "data-live") == "on")
    assert_nothing_blocks(themed, colours_alone=themed.colours_alone)
    themed.click("#home")


@pytest.mark.parametrize("dialog", ["about", "help"])
def test_dialogs(dialog, themed, songs):
    open_done(themed, songs)
    themed.click(f".foot [data-opens={dialog}]")
    until(lambda: dialog != "about" or themed.locator("#about-scores li").count() > 0)
    assert_nothing_blocks(themed, colours_alone=themed.colours_alone)


def test_a_dialog_takes_the_focus_and_gives_it_back(page, server):
    page.goto(server.url)
    opener = page.locator(".facts [data-opens=about]")
    opener.focus()
    page.keyboard.press("Enter")
    until(lambda: page.evaluate("document.querySelector('#about').contains(document.activeElement)"))
    page.keyboard.press("Escape")
    until(lambda: not page.is_visible("#about"))
    assert opener.evaluate("button => button === document.activeElement")


def test_the_key_of_the_help_opens_it_and_its_every_row_says_something(page, songs):
    open_done(page, songs)
    page.keyboard.press("?")
    until(lambda: page.is_visible("#help"))
    rows = page.locator("#help-keys tr").all_inner_texts()
    assert len(rows) > 10
    assert all(len(row.split("\t")) == 2 and all(row.split("\t")) for row in rows)
    assert not [row for row in rows if "keys." in row or "cap." in row]


def test_the_first_stop_is_the_way_past_the_head(page, songs):
    open_done(page, songs)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_what_has_the_focus_is_seen_between_words_and_player(page, songs):
    open_done(page, songs)
    page.click("#summary-all")
    page.focus("#threshold")
    place = """() => { const boxOf = (one) => one.getBoundingClientRect();
        const { top, bottom } = boxOf(document.activeElement);
        const [words, dock] = ["#now", ".dock"].map((part) => boxOf(document.querySelector(part)));
        return !document.activeElement.matches("main *") || (top >= words.bottom && bottom <= dock.top); }"""
    for key in ["Tab"] * 25 + ["Shift+Tab"] * 25:
        page.keyboard.press(key)
        assert page.evaluate(place), page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_the_systems_own_leave_nothing_unseen(scheme, open_page, songs):
    page = open_page(color_scheme=scheme, forced_colors="active")
    open_done(page, songs)
    page.fill("#threshold", "0.05")
    page.keyboard.press("l")
    for painted in ("#play", "#loop-button", "#mute", "#seek", "#overview", "#axis", ".row.sounding .dot"):
        picture = Image.open(io.BytesIO(page.locator(painted).first.screenshot())).convert("L")
        darkest, lightest = picture.getextrema()
        assert lightest - darkest > 80, painted
    sounding, other = (page.locator(row).first for row in (".row.sounding", ".row:not(.sounding)"))
    outline = "row => getComputedStyle(row).outlineStyle"
    assert (sounding.evaluate(outline), other.evaluate(outline)) == ("solid", "none")


@pytest.mark.parametrize("width", [320, 390, 640])  # 640 is what 200 % leaves of a 1280 window
def test_a_narrow_or_magnified_window_is_never_scrolled_sideways(width, open_page, songs, server):
    page = open_page(viewport={"width": width, "height": 700}, color_scheme="dark")
    overflow_px = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    page.goto(server.url)
    until(lambda: page.inner_text("#limits"))
    assert page.evaluate(overflow_px) <= 0
    open_done(page, songs)
    assert page.evaluate(overflow_px) <= 0
    for dialog in ("about", "help"):
        page.click(f".foot [data-opens={dialog}]")
        assert page.locator(f"#{dialog}").evaluate("one => one.scrollWidth - one.clientWidth") <= 0
        page.keyboard.press("Escape")


def test_what_happens_is_announced_in_one_place_and_not_too_fast(page, server, wav):
    page.goto(server.url)
    assert page.locator("[role=status], [aria-live=polite]").count() == 1
    page.evaluate(
        "new MutationObserver(() => (window.said ??= []).push([performance.now(), spoken.textContent]))"
        ".observe(document.querySelector('#spoken'), { childList: true, characterData: true, subtree: true })"
    )
    page.set_input_files("#file", wav)
    until(lambda: any(text == "Done" for _, text in page.evaluate("window.said ?? []")))
    until(lambda: len(page.evaluate("window.said")) >= 3)
    said = page.evaluate("window.said")
    gaps_ms = [after - before for (before, _), (after, _) in pairwise(said)]
    assert min(gaps_ms) > 1900
