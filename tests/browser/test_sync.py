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

LISTEN = Path(__file__).with_name("listen.js").read_text()
TOLERANCE_S = 0.05
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


def hear(page, n: int) -> list[dict]:
    """The next `n` clicks."""
    start = page.evaluate("window.heard.length")
    until(lambda: page.evaluate("window.heard.length") >= start + n)
    return page.evaluate(f"window.heard.slice({start}, {start + n})")


def check(heard: list[dict], truth_s: np.ndarray) -> None:
    """Assert that each click came when the audio clock and the page said that it does.

    The page draws at most once a frame, and a busy machine drops frames: so its own time is judged
    by the middle of some clicks, and the clock by every one.
    """
    clock = [error_s(click["audio_s"], truth_s) for click in heard]
    shown = [error_s(click["shown_s"], truth_s) for click in heard]
    assert max(map(abs, clock)) <= TOLERANCE_S, heard
    assert abs(np.median(shown)) <= TOLERANCE_S, heard
    for click in heard:  # the second that is lit is that of the time that is shown
        rounding_s = 0.001  # of the time that the page writes down
        assert click["segment"] in {int(click["shown_s"]), int(click["shown_s"] - rounding_s)}, click


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
    page.evaluate(LISTEN)
    page.evaluate("document.querySelector('#audio').paused && document.querySelector('#play').click()")
    heard = hear(page, 3)  # from the start, perhaps while still uploading
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    for second in SEEKS_S:
        seek(page, second)
        heard += hear(page, CLICKS_AFTER_SEEK)
    check(heard, truth_s)
    errors_ms = [1_000 * error_s(click["audio_s"], truth_s) for click in heard]
    print(f"{name}: clock against clicks {min(errors_ms):.0f} to {max(errors_ms):.0f} ms")


def seek(page, second: float) -> None:
    """Click on the waveform at this time, as a person does."""
    box = page.locator("#waveform").bounding_box()
    length_s = page.evaluate("document.querySelector('#audio').duration")
    page.mouse.click(box["x"] + box["width"] * second / length_s, box["y"] + box["height"] / 2)
