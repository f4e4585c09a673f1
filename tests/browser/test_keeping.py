"""What stays: the list of songs in this browser, the language; and what comes back: the connection."""

import re

from live_page import HeldAnswers
from live_server import until
from playwright.sync_api import WebSocketRoute, expect


def upload(page, server, path) -> str:
    page.goto(server.url)
    page.set_input_files("#file", path)
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    return page.url.rsplit("/", 1)[1]


def kept(page) -> list[str]:
    return page.locator("#kept-songs a").evaluate_all("all => all.map(a => a.getAttribute('href'))")


def test_the_songs_of_this_browser_are_listed_until_they_are_deleted(server, page, wav):
    song_id = upload(page, server, wav)
    page.click("#home")
    until(lambda: kept(page) == [f"/songs/{song_id}"])
    expect(page.locator("#kept-songs li")).to_contain_text("until")
    page.reload()
    until(lambda: kept(page) == [f"/songs/{song_id}"])
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#kept-songs button")
    until(lambda: server.get(f"/api/songs/{song_id}").status_code == 404)
    until(lambda: kept(page) == [] and not page.is_visible("#kept"))


def test_a_finished_song_stays_when_the_page_is_left_before_its_upload_is_answered(server, page, wav):
    answers = HeldAnswers(page, "*/upload", "PUT")
    song_id = upload(page, server, wav)
    answers.wait()
    page.click("#home")
    until(lambda: kept(page) == [f"/songs/{song_id}"])
    page.click("#kept-songs a")
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    assert server.get(f"/api/songs/{song_id}").status_code == 200


def test_another_browser_knows_nothing_of_them(server, page, open_page, wav):
    song_id = upload(page, server, wav)
    other = open_page()
    other.goto(f"{server.url}/songs/{song_id}")
    until(lambda: other.get_attribute("#state", "data-state") == "done")
    other.goto(server.url)
    until(lambda: other.inner_text("#limits"))
    assert kept(other) == []


def test_switched_off_the_list_is_empty_and_stays_so(server, page, wav):
    song_id = upload(page, server, wav)
    page.click("#home")
    page.uncheck("#kept-on")
    until(lambda: kept(page) == [])
    assert song_id not in page.evaluate("JSON.stringify(localStorage)")
    song_id = upload(page, server, wav)
    assert song_id not in page.evaluate("JSON.stringify(localStorage)")
    page.click("#home")
    assert page.is_visible("#kept-on")  # so that it can be switched on again


def test_the_language_is_the_browsers_until_another_is_chosen(server, open_page, wav):
    page = open_page(locale="de-DE")
    upload(page, server, wav)
    expect(page.locator("#state")).to_contain_text("Alle ")
    expect(page.locator("#instruments [data-label=violin] .name")).to_have_text("Geige")
    expect(page.locator("#summary-title")).to_contain_text("Überblick")
    page.click(".foot [hreflang=en]")
    expect(page.locator("#state")).to_contain_text("All ")
    page.goto(server.url)
    assert page.inner_text("#question") == "Which instruments are playing?"


def test_without_a_script_the_page_still_says_what_it_is(server, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(server.url)
    assert page.inner_text("#question") == "Which instruments are playing?"
    assert "JavaScript" in page.inner_text("main")
    assert "start." not in page.inner_text("body")
    assert not page.is_visible("#not-started")


def test_a_page_whose_scripts_do_not_come_says_so_after_a_while(server, open_page):
    page = open_page(refused=True)
    page.route("**/js/main.js", lambda route: route.abort())
    page.goto(server.url)
    assert not page.is_visible("#not-started")
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    assert page.is_visible("#not-started")


def test_a_file_that_cannot_be_sent_is_refused_before_a_byte(server, page):
    asked: list[str] = []
    page.goto(server.url)
    until(lambda: page.inner_text("#limits"))
    page.on("request", lambda request: asked.append(request.method))
    page.set_input_files("#file", {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear ..."})
    expect(page.locator("#problem")).to_contain_text("This file is not audio.")
    assert "POST" not in asked


def test_a_server_that_was_away_is_told_of_and_comes_back_by_itself(server, open_page):
    page = open_page(refused=True)
    page.route("**/api/config", lambda route: route.abort())
    page.goto(server.url)
    expect(page.locator("#problem")).to_contain_text("cannot be reached")
    page.unroute("**/api/config")
    expect(page.locator("#problem")).to_be_hidden(timeout=30_000)
    expect(page.locator("#limits")).to_contain_text("MB")


def test_a_lost_connection_is_shown_and_heals_and_a_broken_upload_can_be_sent_again(server, open_page, wav):
    page = open_page(refused=True)
    page.goto(server.url)
    until(lambda: page.inner_text("#limits"))
    page.route("**/upload", lambda route: route.abort())
    page.set_input_files("#file", wav)
    expect(page.locator("#problem")).to_contain_text("cannot be reached")
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible(timeout=60_000)
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden(timeout=60_000)
    page.unroute("**/upload")
    page.click("#retry")
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    assert not page.is_visible("#problem")


def test_a_song_that_was_deleted_while_the_page_was_not_connected_is_gone(server, open_page, wav):
    page = open_page(refused=True)
    lines: list[WebSocketRoute] = []
    is_away = False

    def connect(line: WebSocketRoute) -> None:
        if is_away:
            line.close()
        else:
            lines.extend((line, line.connect_to_server()))

    page.route_web_socket(re.compile("/socket.io/"), connect)
    page.route("**/socket.io/*transport=polling*", lambda route: route.abort())
    song_id = upload(page, server, wav)
    is_away = True
    for line in tuple(lines):
        line.close()
    server.delete(f"/api/songs/{song_id}")
    is_away = False
    until(lambda: page.get_attribute("#problem", "data-code") == "gone")
    assert page.get_attribute("body", "data-screen") == "start"
    assert kept(page) == []
