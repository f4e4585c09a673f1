"""The whole main job: one click, the default model, and the right instruments in step with the playback.

The song's own score says what plays in every second. Agreement is counted at OpenMIC's labels over all
(second, label) pairs that the score is certain of, as what is lit while the playhead is there; how
sharp the model is in general stands in its card, not here.
"""

import json
from itertools import chain

import numpy as np
import pytest
from live_page import HeldAnswers
from live_server import until

from timbre.paths import DEFAULT_MODEL_DIR, STATIC_DIR
from timbre.taxonomy import level_of

TRUTH = json.loads((STATIC_DIR / "example" / "truth.json").read_text())
SPEED = 3.0  # of the playback, so that the test takes a third of the song


@pytest.fixture(scope="module")
def default_server(run_server):
    with run_server(TIMBRE_MODEL=DEFAULT_MODEL_DIR) as running:
        yield running


def openmic(labels) -> set[str]:
    return {name for name in (level_of(label, "openmic") for label in labels) if name}


def test_the_example_song_shows_its_instruments_as_they_play(default_server, page):
    page.goto(default_server.url)
    page.click("#example")
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    page.keyboard.press("Home")
    page.evaluate(f"document.querySelector('#audio').playbackRate = {SPEED}")
    lit = watch(page)
    assert len(lit) >= 50  # seconds of 57 that were seen passing by
    heard = np.array(list(chain.from_iterable(pairs(lit))))
    wrong_song = np.array(list(chain.from_iterable(pairs(shifted(lit)))))
    assert f1(heard) > 0.5
    # In step: the same lights a quarter of the song later agree much less with the score.
    assert f1(heard) > f1(wrong_song) + 0.1


def test_who_opens_another_song_before_the_example_is_there_keeps_that_one(server, page, wav):
    example = HeldAnswers(page, "*/example/*")
    page.goto(server.url)
    page.click("#example")
    example.wait()
    page.set_input_files("#file", wav)
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    address = page.url
    with page.expect_event("requestfinished", lambda request: "/example/" in request.url):
        example.let_go()
    page.wait_for_timeout(500)  # time enough to open it
    assert page.url == address
    assert page.inner_text("#song-name") == wav.name


def watch(page) -> dict[int, set[str]]:
    """What is lit in each second, read at the same moment as the second, while the song plays."""
    read = """() => [Number(document.querySelector('#now').dataset.segment),
        [...document.querySelectorAll('#instruments .sounding')].map(row => row.dataset.label),
        document.querySelector('#audio').ended]"""
    lit: dict[int, set[str]] = {}

    def see() -> bool:
        second, labels, ended = page.evaluate(read)
        lit[second] = openmic(labels)
        return ended

    until(see)
    return lit


def pairs(lit: dict[int, set[str]]):
    """`(true, lit)` of each certain label in each second."""
    everything = openmic(TRUTH["instruments"]) | openmic(TRUTH["kit_pieces"])
    for second, names in lit.items():
        if second >= len(TRUTH["segments"]):
            continue
        row = TRUTH["segments"][second]
        present = openmic(row["present"]) | openmic(row["kit_present"])
        open_ = (openmic(row["faint"]) | openmic(row["kit_faint"])) - present
        yield [(name in present, name in names) for name in sorted((everything | names) - open_)]


def shifted(lit: dict[int, set[str]]) -> dict[int, set[str]]:
    n = len(TRUTH["segments"])
    return {(second + n // 4) % n: names for second, names in lit.items()}


def f1(cells: np.ndarray) -> float:
    true, shown = cells.T
    return 2 * (true & shown).sum() / max(1, true.sum() + shown.sum())
