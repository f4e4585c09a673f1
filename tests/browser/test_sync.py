"""What is shown belongs to the sound being heard: measured on clicks, in a real browser.

The server's own decoding says when each click really is (`decoded_clicks_s`). The page plays the
file; a listener in it writes down, at each click that comes out of the audio element, the time
and the segment that the page shows.
"""

from pathlib import Path

import numpy as np
import pytest
from live_server import until

from timbre.audio.decode import Decoder
from timbre.audio.front_end import FRONT_END

LISTEN, EAR = (Path(__file__).with_name(name).read_text() for name in ("listen.js", "ear.js"))
TOLERANCE_S = 0.05
FRAME_S = 1 / 60
FORMATS = {
    "clicks.wav": "", "cbr.mp3": "-b:a 128k", "vbr.mp3": "-q:a 2", "bare.mp3": "-q:a 2 -write_xing 0",
    "clicks.m4a": "-b:a 128k", "clicks.flac": "", "clicks.ogg": "-c:a libvorbis -q:a 5",
    "clicks.opus": "-b:a 96k",
}  # fmt: skip
SEEKS_S = (12.5, 4.5, 16.5)
CLICKS_AFTER_SEEK = 2


def decoded_clicks_s(path: Path) -> np.ndarray:
    """Onsets of the clicks in the samples that were tagged."""
    waveform = np.concatenate(list(Decoder(path)))
    loud = np.flatnonzero(np.abs(waveform) > 0.35)
    first = loud[np.diff(loud, prepend=-(10**9)) > FRONT_END.sample_rate_hz // 5]
    return first / FRONT_END.sample_rate_hz


@pytest.fixture
def page(open_page):
    """One that may run the ear, which is none of the server's scripts."""
    return open_page(viewport={"width": 1280, "height": 860}, bypass_csp=True)


def listen(page) -> None:
    """Begin to write down the clicks."""
    page.evaluate(LISTEN, EAR)


def hear(page, n: int) -> list[dict]:
    """The next `n` clicks."""
    start = page.evaluate("window.heard.length")
    until(lambda: page.evaluate("window.heard.length") >= start + n)
    return page.evaluate(f"window.heard.slice({start}, {start + n})")


def hear_from(page, second: float, n: int) -> list[dict]:
    """The next `n` clicks from a second on; again, where a busy machine lost some until the song ended."""
    start = page.evaluate("window.heard.length")
    seek(page, second)

    def heard_enough() -> bool:
        if page.evaluate("document.querySelector('#audio').ended"):
            seek(page, second)
            page.evaluate(
                "document.querySelector('#audio').paused && document.querySelector('#play').click()"
            )
        return page.evaluate("window.heard.length") >= start + n

    until(heard_enough)
    return page.evaluate(f"window.heard.slice({start}, {start + n})")


def check(heard: list[dict], truth_s: np.ndarray) -> None:
    """Assert that each click came when the audio clock and the page said that it does.

    The page draws at most once a frame, and a busy machine drops frames: so its own time is judged
    by the middle of some clicks, and the clock by every one.
    """
    check_shown(heard, truth_s)
    clock = [error_s(click["audio_s"], truth_s) for click in heard]
    assert max(map(abs, clock)) <= TOLERANCE_S, heard
    for click in heard:  # the second that is lit is that of the time that is shown
        rounding_s = 0.001  # of the time that the page writes down
        assert click["segment"] in {int(click["shown_s"]), int(click["shown_s"] - rounding_s)}, click


def check_shown(heard: list[dict], truth_s: np.ndarray) -> None:
    """Assert that the page's own time is right by its median, but for frames that a busy machine drops."""
    shown = [error_s(click["shown_s"], truth_s) for click in heard]
    age_s = np.median([click["age_s"] for click in heard])
    assert abs(np.median(shown)) <= TOLERANCE_S + (age_s if age_s > FRAME_S else 0), heard


def error_s(told_s: float, truth_s: np.ndarray) -> float:
    return told_s - truth_s[np.abs(truth_s - told_s).argmin()]


@pytest.mark.parametrize("name", FORMATS)
def test_the_shown_second_is_the_heard_second(name, server, page, click_track, encode):
    path = encode(click_track, name, FORMATS[name])
    truth_s = decoded_clicks_s(path)
    assert len(truth_s) == 19
    page.goto(server.url)
    page.set_input_files("#file", path)
    until(lambda: page.evaluate("document.querySelector('#audio').readyState") >= 2)
    listen(page)
    page.evaluate("document.querySelector('#audio').paused && document.querySelector('#play').click()")
    heard = hear(page, 3)  # from the start, perhaps while still uploading
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    for second in SEEKS_S:
        heard += hear_from(page, second, CLICKS_AFTER_SEEK)
    check(heard, truth_s)
    errors_ms = [1_000 * error_s(click["audio_s"], truth_s) for click in heard]
    print(f"{name}: clock against clicks {min(errors_ms):.0f} to {max(errors_ms):.0f} ms")


SLOW, FAST = 0.5, 2.0
# At each speed: 3 s and 6 s of listening. The slow one last: the song goes on until the loop is chosen.
CLICKS_AT = {FAST: 6, SLOW: 3}
LOOP_S = (3.5, 5.5)


def test_it_holds_at_other_speeds_and_in_a_loop(server, page, click_track):
    truth_s = decoded_clicks_s(click_track)
    page.goto(server.url)
    page.set_input_files("#file", click_track)
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    listen(page)
    for speed, n in CLICKS_AT.items():
        page.select_option("#speed", str(speed).removesuffix(".0"))
        check_middle(hear_from(page, 8.5, n), truth_s)
    choose(page, *LOOP_S)
    looped = hear(page, 6)[1:]  # the first may have sounded while the mouse was still moving
    check_middle(looped, truth_s)
    assert {round(click["audio_s"]) for click in looped} == {4, 5}


def check_middle(heard: list[dict], truth_s: np.ndarray) -> None:
    """Assert that audio clock and page agree with the clicks by their median.

    Away from its own speed a browser stretches the sound in pieces, so single clicks are less exact.
    """
    check_shown(heard, truth_s)
    assert abs(np.median([error_s(click["audio_s"], truth_s) for click in heard])) <= TOLERANCE_S, heard


def choose(page, start_s: float, end_s: float) -> None:
    """Drag along the axis from one time to the other."""
    box = page.locator("#axis").bounding_box()
    length_s = page.evaluate("document.querySelector('#audio').duration")
    xs = [box["x"] + box["width"] * time_s / length_s for time_s in (start_s, end_s)]
    page.mouse.move(xs[0], box["y"] + 10)
    page.mouse.down()
    page.mouse.move(xs[1], box["y"] + 10, steps=3)
    page.mouse.up()


def seek(page, second: float) -> None:
    """Click on the waveform at this time, as a person does."""
    box = page.locator("#waveform").bounding_box()
    length_s = page.evaluate("document.querySelector('#audio').duration")
    page.mouse.click(box["x"] + box["width"] * second / length_s, box["y"] + box["height"] / 2)
