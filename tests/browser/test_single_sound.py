"""A short sound on the page: one large answer."""

import pytest
from live_server import until
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def note(wav, encode):
    return encode(wav, "note.wav", "-t 1.6")


def test_a_short_sound_gets_one_answer(server, page, note):
    page.goto(server.url)
    page.set_input_files("#file", note)
    expect(page.locator("#single")).to_be_visible()
    song_id = page.url.rsplit("/", 1)[1]
    told = server.get(f"/api/songs/{song_id}/single").json()
    names = {row["id"]: row["name"] for row in server.get("/api/labels").json()["labels"]}
    assert page.inner_text("#single-name") == names[told["instrument"]]
    bars = page.locator("#single-bars li")
    shown = bars.evaluate_all("all => all.map(one => [one.dataset.label, Number(one.dataset.confidence)])")
    confidences = dict(zip(told["labels"], told["confidences"], strict=True))
    ranked = sorted(confidences.items(), key=lambda item: -item[1])
    assert [(label, confidence) for label, confidence in shown] == ranked[: len(shown)]
    expect(page.locator(".score")).to_be_hidden()
    page.click("#single-again")
    until(lambda: page.evaluate("document.querySelector('#audio').currentTime") > 0)


def test_the_other_view_is_a_link_away(server, page, note):
    song_id = server.upload(note)
    server.wait(song_id)
    page.goto(f"{server.url}/songs/{song_id}")
    expect(page.locator("#single")).to_be_visible()
    page.click("#single-seconds")
    expect(page.locator(".score")).to_be_visible()
    page.reload()  # the address says which
    expect(page.locator(".score")).to_be_visible()
    page.click("#single-open")
    expect(page.locator("#single")).to_be_visible()
    assert page.url.endswith("#single")


def test_a_song_is_shown_second_by_second(server, page, wav):
    song_id = server.upload(wav)
    server.wait(song_id)
    page.goto(f"{server.url}/songs/{song_id}")
    expect(page.locator("#single-open")).to_be_visible()
    expect(page.locator("#single")).to_be_hidden()
