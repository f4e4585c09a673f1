"""A real browser, and a song in which time can be heard."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from live_page import troubles_of
from live_server import PATIENCE_S
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

expect.set_options(timeout=PATIENCE_S * 1_000)

RATE_HZ = 44_100
CLICK_TRACK_S = 20
CLICK_S = 0.03
# Chromium without a screen, a sound card or a connection to anywhere.
_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
]  # fmt: skip


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """`launch("--switch")`: a browser with more switches than usual."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "The tests need Chromium; `make test` installs Debian's."
    with sync_playwright() as playwright:
        yield lambda *more: playwright.chromium.launch(executable_path=path, args=[*_OPTIONS, *more])


@pytest.fixture(scope="session")
def browser(launch) -> Iterator[Browser]:
    running = launch()
    yield running
    running.close()


@pytest.fixture(scope="module")
def link(server, wav) -> str:
    """Where a song of 7.25 s is to be seen, all tagged."""
    song_id = server.upload(wav)
    server.wait(song_id)
    return f"{server.url}/songs/{song_id}"


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., Page]]:
    """`open_page(locale="de-DE")`: a page in a window of its own; its test fails when anything in it does."""
    opened: list[tuple[BrowserContext, list[str]]] = []

    def open_one(of: Browser = browser, *, refused: bool = False, **options: Any) -> Page:
        context = of.new_context(**options)
        context.set_default_timeout(PATIENCE_S * 1_000)
        opened.append((context, troubles_of(context, refused=refused)))
        return context.new_page()

    yield open_one
    for context, _ in opened:
        context.close()
    assert [trouble for _, troubles in opened for trouble in troubles] == []


@pytest.fixture
def page(open_page) -> Page:
    return open_page(viewport={"width": 1280, "height": 860})


@pytest.fixture(scope="session")
def click_track(tmp_path_factory) -> Path:
    """A click at every full second, each of its own pitch, over hiss that swells and fades."""
    time_s = np.arange(CLICK_TRACK_S * RATE_HZ) / RATE_HZ
    hiss = np.where(time_s // 3 % 2 == 0, 0.0005, 0.02)
    samples = hiss * np.random.default_rng(0).normal(size=len(time_s))
    for second in range(1, CLICK_TRACK_S):
        start, n = second * RATE_HZ, round(CLICK_S * RATE_HZ)
        samples[start : start + n] += 0.7 * np.sin(2 * np.pi * (400 + 40 * second) * np.arange(n) / RATE_HZ)
    path = tmp_path_factory.mktemp("clicks") / "clicks.wav"
    soundfile.write(path, np.clip(samples, -1, 1), RATE_HZ, subtype="PCM_16")
    return path
