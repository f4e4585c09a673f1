"""What a frame costs while a song plays: a song of ten minutes beside one of one minute.

    python benchmarks/frame_time.py [--url http://127.0.0.1:8000] [--rounds 5] [--seconds 5]

Uploads both to a running server, opens each in headless Chromium, plays it, and reads from Chromium's
trace the CPU time of script, style, layout and paint on the page's main thread, per frame. It does so with
the whole song in view, and zoomed in to some seconds, where the view is turned like a page as the song goes
on. The two songs take turns, and the ratio is taken within each round.
"""

import argparse
import json
import math
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Page, sync_playwright
from song import make_song

MINUTE_S = 60
LENGTHS_S = (MINUTE_S, 10 * MINUTE_S)
VIEWS_S = {"whole song": math.inf, "5 seconds": 5.0}
ZOOM_STEP = 1.5  # of the page's + key
TIMEOUT_S = 300.0
# The picture of the last second, which comes last, is there.
ALL_DRAWN = """() => { const canvas = document.querySelector("#spectrogram");
    return canvas.getContext("2d").getImageData(canvas.width - 9, 9, 1, 1).data[3] > 0; }"""
WORK = {
    "FireAnimationFrame", "FunctionCall", "EventDispatch", "TimerFire", "UpdateLayoutTree", "Layout",
    "PrePaint", "Paint", "Layerize", "Commit",
}  # fmt: skip
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]


@dataclass
class Frames:
    """What Chromium's trace of some seconds of playing says."""

    n: int
    cpu_ms: float

    @property
    def ms_a_frame(self) -> float:
        """CPU time of the main thread for one frame, in milliseconds."""
        return self.cpu_ms / self.n


def read_trace(trace: bytes) -> Frames:
    """Frames and the CPU time of the work for them; work inside other work is counted once."""
    events = json.loads(trace)["traceEvents"]
    main_thread = _main_thread(events)
    own = [event for event in events if (event.get("pid"), event.get("tid")) == main_thread]
    work = [event for event in own if event["name"] in WORK and event["ph"] == "X"]
    n = sum(event["name"] == "FireAnimationFrame" for event in work)
    return Frames(n, sum(event["tdur"] for event in _outermost(work)) / 1_000)


def _main_thread(events: list[dict[str, Any]]) -> tuple[int, int]:
    """Process and thread in which animation frames are fired."""
    frame = next(event for event in events if event["name"] == "FireAnimationFrame")
    return frame["pid"], frame["tid"]


def _outermost(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    end_us = 0.0
    for event in sorted(events, key=lambda one: (one["ts"], -one["dur"])):
        if event["ts"] >= end_us:
            end_us = event["ts"] + event["dur"]
            yield event


def zoom_steps(length_s: float, view_s: float) -> int:
    """How often to press + to see about `view_s` of a song."""
    return max(0, round(math.log(length_s / view_s, ZOOM_STEP))) if view_s < length_s else 0


def play(browser: Browser, url: str, steps: int, seconds: float) -> Frames:
    """Open a tagged song, zoom in, and trace some seconds of it playing."""
    page = browser.new_page(viewport={"width": 1280, "height": 860}, bypass_csp=True)
    page.goto(url)
    page.wait_for_function(ALL_DRAWN, timeout=TIMEOUT_S * 1_000)
    for _ in range(steps):
        page.keyboard.press("+")
    page.click("#play")
    page.wait_for_function("document.querySelector('#audio').currentTime > 1")
    frames = _trace(browser, page, seconds)
    page.close()
    return frames


def _trace(browser: Browser, page: Page, seconds: float) -> Frames:
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    page.wait_for_timeout(seconds * 1_000)
    return read_trace(browser.stop_tracing())


def upload(url: str, path: Path) -> str:
    """Upload a song and wait until it is tagged; returns its id."""
    with path.open("rb") as file:
        song_id: str = requests.post(f"{url}/api/songs", files={"file": file}, timeout=TIMEOUT_S).json()["id"]
    while (state := requests.get(f"{url}/api/songs/{song_id}", timeout=TIMEOUT_S).json()["state"]) != "done":
        if state in ("failed", "cancelled"):
            raise RuntimeError(f"the song ended as {state!r}")
    return song_id


def report(name: str, rounds: list[list[Frames]]) -> None:
    """Print one row: medians and ranges over the rounds."""
    cells = []
    for column in zip(*rounds, strict=True):
        times_ms = [frames.ms_a_frame for frames in column]
        cells.append(f"{statistics.median(times_ms):.2f} ({min(times_ms):.2f} to {max(times_ms):.2f})")
    ratios = [long.ms_a_frame / short.ms_a_frame for short, long in rounds]
    print(f"| {name} | {' | '.join(cells)} | {statistics.median(ratios):.2f}", end="")
    print(f" ({min(ratios):.2f} to {max(ratios):.2f}) |")


def measure(url: str, ids: dict[int, str], rounds: int, seconds: float) -> None:
    """Let the songs take turns, view by view."""
    print("| view | 1 min, CPU ms a frame | 10 min | ratio |\n|---|--:|--:|--:|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_OPTIONS)
        for name, view_s in VIEWS_S.items():
            songs = [(f"{url}/songs/{ids[length_s]}", zoom_steps(length_s, view_s)) for length_s in LENGTHS_S]
            report(name, [[play(browser, *song, seconds) for song in songs] for _ in range(rounds)])
        browser.close()


def main() -> None:
    """Read the command line, upload, measure, delete."""
    parser = argparse.ArgumentParser(description="Measure what a frame costs while a song plays.")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each is traced")
    arguments = parser.parse_args()
    ids: dict[int, str] = {}
    try:
        with tempfile.TemporaryDirectory() as folder:
            for length_s in LENGTHS_S:
                ids[length_s] = upload(arguments.url, make_song(Path(folder) / f"{length_s}.mp3", length_s))
        measure(arguments.url, ids, arguments.rounds, arguments.seconds)
    finally:
        for song_id in ids.values():
            requests.delete(f"{arguments.url}/api/songs/{song_id}", timeout=TIMEOUT_S)


if __name__ == "__main__":
    try:
        main()
    except requests.ConnectionError:
        raise SystemExit(
            "No server answers there; start one with `make serve`, or say where by --url."
        ) from None
