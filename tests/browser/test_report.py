"""The report as a person opens it: from a file, on a wide or a narrow screen, light or dark."""

from pathlib import Path

import pytest
from report_miniature import make_run

from timbre.visualization.report import write_report

# Waits for each player's clock to go on. The page's policy forbids what `wait_for_function` does.
PLAY_ALL = """Promise.all([...document.querySelectorAll("audio")].map(audio => new Promise(done => {
  audio.ontimeupdate = () => audio.currentTime > 0.2 && done(audio.duration);
  audio.play();
})))"""


@pytest.fixture(scope="module")
def report(tmp_path_factory, tiny_model) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(make_run(folder / "run", tiny_model), folder / "page.html", folder / "figures")
    return folder / "page.html"


def test_it_is_whole_without_a_connection_and_its_sounds_play(page, report):
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")  # fails for a broken one
    durations_s = page.evaluate(PLAY_ALL)
    assert len(durations_s) >= 2
    assert durations_s == pytest.approx([3.0] * len(durations_s), abs=0.01)
    assert [url for url in requests if not url.startswith("data:")] == [report.as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_follows_its_theme(page, report, scheme):
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 360  # figures scroll in their own frames
    lightness = page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0])")
    assert (lightness > 128) == (scheme == "light")
    shown = page.evaluate("document.querySelector('picture img').currentSrc")
    chosen = page.locator("picture").first.locator("img" if scheme == "light" else "source")
    assert shown == chosen.get_attribute("src" if scheme == "light" else "srcset")
