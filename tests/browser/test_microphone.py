"""The microphone in a real browser, which hears a file in its place."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from live_server import LiveServer, until
from playwright.sync_api import Browser, Page, WebSocketRoute, expect
from scipy.signal import correlate, resample_poly

RATE_HZ = 48_000
PIECE_SAMPLES = 12_000  # as in recorder_worklet.js
LAST_PIECE_MS = 1_000  # as in recorder.js


@pytest.fixture(scope="module")
def music(tmp_path_factory) -> Path:
    """40 s of noise whose colour changes each second, and its loudness never: no stretch is like another."""
    rng = np.random.default_rng(3)
    seconds = [
        np.convolve(rng.normal(0, 0.12, RATE_HZ), np.ones(n) / np.sqrt(n), "same") for n in range(3, 43)
    ]
    path = tmp_path_factory.mktemp("microphone") / "music.wav"
    soundfile.write(path, np.concatenate(seconds), RATE_HZ, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def hearing(launch, music) -> Iterator[Browser]:
    """A browser whose microphone hears the music."""
    running = launch(f"--use-file-for-fake-audio-capture={music}%noloop")
    yield running
    running.close()


def listen(page: Page, server: LiveServer, *, keep: bool = False, segments: int = 2) -> str:
    """Switch the microphone on and wait until so much is tagged; returns the song's id."""
    page.goto(server.url)
    page.set_checked("#microphone-keep", keep)
    page.click("#microphone")
    until(lambda: page.get_attribute("body", "data-live") == "on")
    until(lambda: int(page.get_attribute("#now", "data-segment")) >= segments - 1)
    return page.get_attribute("#permalink", "href").rsplit("/", 1)[1]


def answer(server: LiveServer, song_id: str) -> int:
    return server.get(f"/api/songs/{song_id}").status_code


def test_what_is_heard_is_what_is_kept_and_tagged(server, open_page, hearing, music):
    page = open_page(hearing)
    song_id = listen(page, server, keep=True, segments=4)
    assert page.url == f"{server.url}/songs/{song_id}"
    level = "document.querySelector('#microphone-level').style.getPropertyValue('--level')"
    assert float(page.evaluate(level)) > 0.5
    page.click("#microphone-stop")
    live = server.wait(song_id)
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    expect(page.locator("#play")).to_be_enabled()
    assert page.get_attribute("#seek", "aria-valuemax") == str(round(live["duration_s"]))
    page.close()

    recording = server.get(live["playback"]["url"]).content
    heard, rate_hz = soundfile.read(io.BytesIO(recording), dtype="float32")
    played, _ = soundfile.read(music, dtype="float32")
    played = resample_poly(played, rate_hz, RATE_HZ)  # the browser chooses its own rate
    heard = heard[np.flatnonzero(heard)[0] :]  # the device takes a moment to begin
    at = int(np.argmax(correlate(played, heard[:rate_hz], "valid")))
    n = min(len(heard), len(played) - at)
    assert n > 3 * rate_hz
    # Every fifth of a second stands where it was played, to within half a piece: none is lost, doubled or out
    # of place. The browser's device itself leaves out or repeats hundredths of a second on a busy machine.
    moment = rate_hz // 5
    for first in range(0, n - moment, moment):
        start = max(0, at + first - PIECE_SAMPLES)
        around = played[start : at + first + moment + PIECE_SAMPLES]
        found = start + int(np.argmax(correlate(around, heard[first : first + moment], "valid")))
        assert abs(found - at - first) < PIECE_SAMPLES / 2
        at = found - first  # such hundredths add up

    files = {"file": ("again.wav", recording)}
    uploaded = server.wait(server.post("/api/songs", files=files).json()["id"])
    rows = [np.array([row["probabilities"] for row in song["segments"]]) for song in (live, uploaded)]
    np.testing.assert_allclose(*rows, atol=0.005)  # 16 bits are kept of what was heard in 32


def test_the_latest_is_shown_as_it_is_heard_and_nothing_stays(server, open_page, hearing):
    page = open_page(hearing)
    song_id = listen(page, server)
    assert page.url == f"{server.url}/"
    expect(page.locator(".dock")).to_be_hidden()
    expect(page.locator("#microphone-says")).to_contain_text("Nothing is recorded")
    assert page.locator("#instruments .sounding").count() > 0
    page.click("#microphone-stop")
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    assert page.get_attribute("body", "data-live") == "passing"
    expect(page.locator("#share")).to_be_hidden()
    assert server.files(song_id) == []
    assert answer(server, song_id) == 200
    page.click("#home")
    until(lambda: answer(server, song_id) == 404)
    assert page.get_attribute("body", "data-live") == ""
    page.close()


def test_who_goes_away_in_the_middle_leaves_nothing(server, open_page, hearing):
    page = open_page(hearing)
    song_id = listen(page, server, segments=1)
    page.close()
    until(lambda: answer(server, song_id) == 404)
    until(lambda: "timbre_active_songs 0.0" in server.get("/metrics").text)


def test_who_goes_home_while_it_is_on_hears_of_no_problem(server, open_page, hearing):
    page = open_page(hearing)
    song_id = listen(page, server, segments=1)
    page.click("#home")
    until(lambda: answer(server, song_id) == 404)
    page.wait_for_timeout(2 * LAST_PIECE_MS)
    assert not page.is_visible("#problem")
    page.close()


def test_a_refused_microphone_is_one_sentence(server, launch):
    browser = launch("--use-fake-ui-for-media-stream=deny")
    page = browser.new_page()
    page.goto(server.url)
    page.click("#microphone")
    expect(page.locator("#problem-message")).to_have_text("The microphone may not be used.")
    assert page.get_attribute("body", "data-screen") == "start"
    expect(page.locator("#microphone")).to_be_enabled()
    browser.close()


def test_a_lost_connection_switches_the_microphone_off(server, open_page, hearing):
    page = open_page(hearing)
    lines: list[WebSocketRoute] = []

    def connect(line: WebSocketRoute) -> None:
        lines.extend((line, line.connect_to_server()))

    page.route_web_socket(re.compile("/socket.io/"), connect)
    song_id = listen(page, server, segments=1)
    for line in tuple(lines):
        line.close()
    until(lambda: page.get_attribute("#problem", "data-code") == "microphone_lost")
    assert page.get_attribute("body", "data-live") == "passing"
    assert page.get_attribute("#state", "data-state") == "cancelled"
    until(lambda: answer(server, song_id) == 404)
    page.close()
