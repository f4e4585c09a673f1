"""A real browser, and a song in which time can be heard."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from live_server import PATIENCE_S
from playwright.sync_api import Browser, Page, expect, sync_playwright

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


@pytest.fixture
def page(browser) -> Iterator[Page]:
    """A page that fails its test when anything goes wrong in it that nobody would see."""
    context = browser.new_context(bypass_csp=False, viewport={"width": 1280, "height": 860})
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert troubles == []


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
