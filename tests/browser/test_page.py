"""The page in a real browser, against a real server."""

import json

import pytest
from live_server import until
from playwright.sync_api import expect

HOSTILE = "../../曲<img src=x onerror=document.title='owned'>.mp3"


def drop(page, server, path, name=None):
    """Choose a file on the page; returns when the song has its address."""
    page.goto(server.url)
    files = path if name is None else {"name": name, "mimeType": "audio/mpeg", "buffer": path.read_bytes()}
    page.set_input_files("#file", files)


def state(page) -> str | None:
    return page.get_attribute("#state", "data-state")


def test_a_song_is_dropped_heard_and_seen(server, page, wav, encode):
    drop(page, server, encode(wav, "song.mp3", "-b:a 128k"))
    until(lambda: state(page) == "done")
    until(lambda: page.evaluate("document.querySelector('#audio').currentTime") > 0.5)
    song = server.song(page.url.rsplit("/", 1)[1])
    rows = page.locator("#instruments [data-label]")
    assert sorted(rows.evaluate_all("all => all.map(one => one.dataset.label)")) == sorted(song["labels"])
    page.evaluate("document.querySelector('#audio').pause()")  # the button would begin a song that has ended
    for second in (2, 5):
        box = page.locator("#heatmap").bounding_box()
        page.mouse.click(box["x"] + box["width"] * (second + 0.5) / song["duration_s"], box["y"] + 5)
        until(lambda: page.get_attribute("#now", "data-segment") == str(second))  # noqa: B023
        shown = rows.evaluate_all(
            "all => all.map(one => [one.dataset.label, Number(one.dataset.probability),"
            " one.classList.contains('sounding')])"
        )
        truth = dict(zip(song["labels"], song["segments"][second]["probabilities"], strict=True))
        for label, probability, sounding in shown:
            assert probability == pytest.approx(truth[label], abs=0.006)
            assert sounding == (truth[label] >= 0.5)


def test_everything_is_drawn(server, page, wav):
    drop(page, server, wav)
    until(lambda: state(page) == "done")
    ink = """id => { const canvas = document.querySelector(id);
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(new Uint32Array(pixels.buffer)).size; }"""
    until(lambda: page.evaluate(ink, "#spectrogram") > 50)
    assert page.evaluate(ink, "#waveform") > 1
    assert page.evaluate(ink, "#heatmap") > 2


def test_a_reload_shows_the_same_and_still_plays(server, page, wav):
    drop(page, server, wav)
    until(lambda: state(page) == "done")
    numbers = "all => all.map(one => one.dataset.probability)"
    page.keyboard.press("Home")
    rows = page.locator("#instruments [data-label]")
    page.evaluate("document.querySelector('#audio').pause()")
    page.keyboard.press("Home")
    until(lambda: page.get_attribute("#now", "data-segment") == "0")
    before = rows.evaluate_all(numbers)
    page.reload()
    until(lambda: state(page) == "done")
    until(lambda: rows.evaluate_all(numbers) == before)
    page.click("#play")
    until(lambda: page.evaluate("document.querySelector('#audio').currentTime") > 0.2)
    assert "/api/songs/" in page.evaluate("document.querySelector('#audio').src")


def test_the_threshold_decides_what_sounds(server, page, wav):
    drop(page, server, wav)
    until(lambda: state(page) == "done")
    page.evaluate("document.querySelector('#audio').pause()")
    page.keyboard.press("Home")  # not every second of this song has anything above the lowest threshold
    until(lambda: page.get_attribute("#now", "data-segment") == "0")
    page.fill("#threshold", "0.95")
    sounding = page.locator("#instruments .sounding")
    until(lambda: sounding.count() == 0)
    page.fill("#threshold", "0.05")
    until(lambda: sounding.count() > 0)
    assert page.locator("#instruments [data-label]").count() == 6  # dimmed, not hidden


@pytest.mark.parametrize("name", ["empty", "text", "image", "playlist", "random", "no_sound", "blip"])
def test_a_bad_file_is_one_clear_message(name, server, open_page, bad_files):
    page = open_page(refused=True)
    drop(page, server, bad_files[name], "song.mp3")
    expect(page.locator("#problem")).to_be_visible(timeout=60_000)
    assert page.inner_text("#problem-message").strip().endswith(".")
    assert page.inner_text("#problem-hint").strip()


def test_a_hostile_name_is_text(server, page, wav):
    drop(page, server, wav, HOSTILE)
    until(lambda: state(page) == "done")
    assert page.inner_text("#song-name").startswith("..")  # a browser gives a file's last name only
    song_id = server.upload(wav, HOSTILE)
    page.goto(f"{server.url}/songs/{song_id}")
    until(lambda: page.inner_text("#song-name") == HOSTILE)
    assert page.title() != "owned"
    assert page.locator("#song-name img").count() == 0


def test_a_deleted_song_is_gone(server, page, wav):
    drop(page, server, wav)
    until(lambda: state(page) == "done")
    song_id = page.url.rsplit("/", 1)[1]
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("#delete")
    assert server.song(song_id)["state"] == "done"  # who thinks again keeps it
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#delete")
    until(lambda: server.get(f"/api/songs/{song_id}").status_code == 404)
    until(lambda: page.url == f"{server.url}/")


def test_the_keyboard_plays_and_seeks(server, page, wav):
    drop(page, server, wav)
    until(lambda: state(page) == "done")
    audio = "document.querySelector('#audio')"
    until(lambda: page.evaluate(f"{audio}.currentTime") > 0)
    page.keyboard.press("Space")
    until(lambda: page.evaluate(f"{audio}.paused"))
    page.focus("#seek")
    page.keyboard.press("Home")
    until(lambda: page.evaluate(f"{audio}.currentTime") == 0)
    page.keyboard.press("ArrowRight")
    until(lambda: page.evaluate(f"{audio}.currentTime") == 5)
    assert page.get_attribute("#seek", "role") == "slider"
    assert page.get_attribute("#seek", "aria-valuetext") == "5 seconds of 7 seconds"


def test_the_page_asks_nobody_else(server, page, wav):
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    drop(page, server, wav)
    until(lambda: state(page) == "done")
    own = (server.url, server.url.replace("http", "ws"), "blob:", "data:")
    assert [url for url in asked if not url.startswith(own)] == []


def test_limits_are_told_before_an_upload(server, page):
    page.goto(server.url)
    expect(page.locator("#limits")).to_contain_text("200 MB")
    expect(page.locator("#limits")).to_contain_text("30 min")
    labels = json.loads(server.get("/api/labels").text)["labels"]
    expect(page.locator("#knows")).to_contain_text(f"It knows {len(labels)} instruments")


@pytest.mark.parametrize("late", ["**/static/locales/*.json", "**/api/config"])
def test_a_file_chosen_before_the_page_is_ready_is_taken(server, page, wav, late):
    held = []
    page.route(late, lambda route: held.append(route))
    page.goto(server.url, wait_until="domcontentloaded")
    until(lambda: page.title() and held)
    page.set_input_files("#file", wav)
    for route in held:
        route.continue_()
    page.unroute(late)
    expect(page.locator("#state")).to_have_attribute("data-state", "done", timeout=60_000)
