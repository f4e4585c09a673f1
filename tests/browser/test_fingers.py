"""The page under fingers: on a phone, on a tablet, and on a phone held sideways."""

import pytest
from live_server import until
from playwright.sync_api import Page

PHONE, TABLET, SIDEWAYS = (390, 844), (820, 1180), (844, 390)
FINGER_PX = 44
# What can be pressed, by what it is, with its size: a label counts for the control in it.
SMALL = """px => [...document.querySelectorAll("a, button, input, select, summary, .button, [role=slider]")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(".unseen"))
    .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
    .filter(([, { width, height }]) => Math.min(width, height) < px - 0.5)
    .map(([one, { width, height }]) => `${one.id || one.className || one.textContent} ${width}x${height}`)"""


@pytest.fixture
def open_touched(open_page):
    """`open_touched(PHONE, url)`: the page under fingers, in a window of that size."""

    def open_one(size: tuple[int, int], url: str) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        page = open_page(viewport=viewport, has_touch=True, is_mobile=True, color_scheme="dark")
        page.goto(url)
        return page

    return open_one


def opened(page: Page) -> Page:
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    return page


@pytest.mark.parametrize("size", [PHONE, TABLET, SIDEWAYS])
def test_whatever_can_be_pressed_is_as_large_as_a_finger(size, open_touched, server, link):
    start = open_touched(size, server.url)
    until(lambda: start.inner_text("#limits"))
    assert start.evaluate(SMALL, FINGER_PX) == []
    start.locator(".facts [data-opens=about]").tap()
    assert start.evaluate(SMALL, FINGER_PX) == []

    song = opened(open_touched(size, link))
    song.locator("#entries > summary").tap()
    song.locator("#corrections [data-verdict=missing]").tap()
    song.locator("#loop-button").tap()
    if song.is_visible("#options-open"):
        song.locator("#options-open").tap()
    until(lambda: song.locator("#corrections-list li").count() == 1)
    assert song.evaluate(SMALL, FINGER_PX) == []
    song.locator("#corrections-list button").tap()
    until(lambda: song.locator("#corrections-list li").count() == 0)


def test_a_phone_shows_words_player_and_the_first_instruments_at_once(open_touched, link):
    page = opened(open_touched(PHONE, link))
    for part in ("#now-words", "#play", "#seek", "#spectrogram"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= PHONE[1], part
    dock_y = page.locator(".dock").bounding_box()["y"]
    row = page.locator("#instruments .row").nth(1).bounding_box()
    assert row["y"] + row["height"] <= dock_y


def test_options_wait_behind_a_button_where_there_is_little_room(open_touched, link):
    page = opened(open_touched(PHONE, link))
    assert not page.is_visible("#threshold")
    page.evaluate("scrollTo(0, 900)")  # the button stays with the words
    page.locator("#options-open").tap()
    assert page.get_attribute("#options-open", "aria-expanded") == "true"
    words = page.locator("#now").bounding_box()
    assert page.locator("#options").bounding_box()["y"] >= words["y"] + words["height"] - 1
    page.locator("#options-open").tap()
    assert not page.is_visible("#threshold")
