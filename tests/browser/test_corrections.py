"""Saying against the model, on the page."""

import io
import zipfile

import pytest
from live_page import HeldAnswers
from live_server import until
from playwright.sync_api import Page, expect


@pytest.fixture
def song(server, page, wav) -> str:
    """A finished song, open at its third second and not playing."""
    song_id = server.upload(wav)
    server.wait(song_id)
    page.goto(f"{server.url}/songs/{song_id}")
    expect(page.locator("#play")).to_be_enabled()
    seek(page, 2.4)
    return song_id


def seek(page: Page, time_s: float) -> None:
    page.evaluate("time_s => { document.querySelector('#audio').currentTime = time_s; }", time_s)
    until(lambda: page.get_attribute("#now", "data-segment") == str(int(time_s)))


def say(page: Page, label: str, verdict: str) -> None:
    page.select_option("#corrections-label", label)
    page.click(f"#corrections [data-verdict={verdict}]")


def stored(server, song_id: str) -> list[tuple]:
    rows = server.get(f"/api/songs/{song_id}/corrections").json()["corrections"]
    return [(row["start_s"], row["end_s"], row["label"], row["verdict"]) for row in rows]


def test_the_second_being_heard_is_corrected_and_taken_back(server, page, song):
    before = page.locator("#instruments [data-label]").evaluate_all("all => all.map(one => one.className)")
    say(page, "violin", "missing")
    say(page, "piano", "wrong")
    lines = page.locator("#corrections-list li")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("Violin: missing from 0:02.0 to 0:03.0")
    assert stored(server, song) == [(2.0, 3.0, "violin", "missing"), (2.0, 3.0, "piano", "wrong")]
    expect(page.locator("#correction-marks span")).to_have_count(2)
    after = page.locator("#instruments [data-label]").evaluate_all("all => all.map(one => one.className)")
    assert after == before  # a word beside the model's, not in its place
    page.reload()
    expect(lines).to_have_count(2)
    lines.first.get_by_role("button").click()
    expect(lines).to_have_count(1)
    assert stored(server, song) == [(2.0, 3.0, "piano", "wrong")]


def test_a_list_that_comes_late_hides_nothing_that_was_said_meanwhile(page, song):
    lists = HeldAnswers(page, "*/corrections")
    page.reload()
    lists.wait()
    seek(page, 2.4)
    lines = page.locator("#corrections-list li")
    say(page, "violin", "missing")
    expect(lines).to_have_count(1)
    lists.let_go()
    say(page, "piano", "wrong")
    expect(lines).to_have_count(2)


def test_marks_lie_where_it_was_said(page, song):
    say(page, "flute", "missing")
    mark = page.locator("#correction-marks span").bounding_box()
    row = page.locator("#instruments [data-label=flute]").bounding_box()
    plots = page.locator("#plots").bounding_box()
    assert mark["y"] == pytest.approx(row["y"], abs=1)
    assert mark["x"] == pytest.approx(plots["x"] + plots["width"] * 2 / 7.25, abs=1)
    assert mark["width"] == pytest.approx(plots["width"] / 7.25, abs=1)


def test_the_loop_is_the_range_and_the_clips_are_to_be_had(server, page, song):
    page.keyboard.press("l")
    page.focus("#loop-end")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#corrections-range")).to_have_text("0:02.0 to 0:04.0")
    expect(page.locator("#corrections-export")).to_be_hidden()
    say(page, "voice", "wrong")
    with page.expect_download() as download:
        page.click("#corrections-zip")
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as zipped:
        assert [name.rsplit("/", 1)[1] for name in zipped.namelist()] == [
            "00002.00-00004.00.flac", "corrections.csv", "README.txt",
        ]  # fmt: skip
    assert stored(server, song) == [(2.0, 4.0, "voice", "wrong")]
