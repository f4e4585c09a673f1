"""What the page says about the song and the model, against numbers worked out here from the same rows."""

import json
import re

import pytest
from live_page import HeldAnswers
from live_server import until
from playwright.sync_api import expect

from timbre.taxonomy import BY_ID


@pytest.fixture(scope="module")
def song(server, wav) -> dict:
    song_id = server.upload(wav)
    return server.wait(song_id)


@pytest.fixture
def opened(page, server, song):
    page.goto(f"{server.url}/songs/{song['id']}")
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    return page


def heard(song: dict, label: str, threshold: float) -> list[bool]:
    column = song["labels"].index(label)
    return [row["probabilities"][column] >= threshold for row in song["segments"]]


def summary(page) -> dict[str, list[str]]:
    """Share, first time and number of entries of every label that is shown, all read at one moment."""
    return dict(
        page.locator("#summary-rows tr:visible").evaluate_all(
            "all => all.map(tr => [tr.dataset.label,"
            " [...tr.cells].slice(1, 4).map(cell => cell.innerText.trim())])"
        )
    )


def expected(song: dict, threshold: float) -> dict[str, list[str]]:
    found = {}
    for label in song["labels"]:
        flags = heard(song, label, threshold)
        lengths_s = [row["end_s"] - row["start_s"] for row in song["segments"]]
        share = sum(length for length, is_heard in zip(lengths_s, flags, strict=True) if is_heard) / sum(
            lengths_s
        )
        entries = sum(now and not before for before, now in zip([False, *flags], flags, strict=False))
        if entries:
            found[label] = [f"{round(100 * share)}%", f"0:{flags.index(True):02d}", str(entries)]
    return found


def test_the_summary_counts_what_the_rows_say_at_every_threshold(opened, song):
    for threshold in (0.5, 0.6, 0.75, 0.95):
        opened.fill("#threshold", str(threshold))
        until(lambda: summary(opened) == expected(song, threshold))  # noqa: B023
    assert opened.is_visible("#summary-none") == (expected(song, 0.95) == {})
    opened.click("#threshold-own")
    until(lambda: summary(opened) == expected(song, 0.5))


def test_one_instruments_own_threshold_is_its_alone_and_is_there_after_a_reload(opened, song):
    opened.click("#summary-all")
    slider = opened.locator("#summary-rows tr[data-label=piano] input")
    assert slider.get_attribute("aria-label") == "Threshold of Piano"
    slider.fill("0.95")
    others = {label: row for label, row in expected(song, 0.5).items() if label != "piano"}
    at_end = expected(song, 0.95).get("piano", ["0%", "", "0"])
    until(lambda: summary(opened)["piano"] == at_end)
    assert {label: row for label, row in summary(opened).items() if label in others} == others
    opened.reload()
    until(lambda: opened.get_attribute("#state", "data-state") == "done")
    until(lambda: summary(opened).get("piano") == at_end)


def test_instruments_never_heard_can_be_folded_away_and_the_picture_goes_along(opened, song):
    threshold, few = next((t, found) for t in (0.5, 0.6, 0.7) if 0 < len(found := expected(song, t)) < 6)
    opened.fill("#threshold", str(threshold))
    shown = opened.locator("#instruments .row:visible")
    opened.click("#only-heard")
    assert set(shown.evaluate_all("all => all.map(row => row.dataset.label)")) == set(few)
    lists, picture = (opened.locator(part).bounding_box() for part in ("#instruments", "#heatmap"))
    assert (lists["y"], lists["height"]) == pytest.approx((picture["y"], picture["height"]), abs=1)
    opened.reload()
    until(lambda: opened.get_attribute("#state", "data-state") == "done")
    until(lambda: shown.count() == len(few))
    opened.focus("#instruments .row:visible .name[tabindex='0']")
    opened.click("#only-heard")
    assert shown.count() == 6
    assert opened.locator("#instruments .name[tabindex='0']").count() == 1


def test_a_click_on_a_first_time_goes_there(opened, song):
    label, (_, first, _) = next((k, row) for k, row in expected(song, 0.5).items() if row[1] != "0:00")
    opened.click(f"#summary-rows tr[data-label={label}] button.link")
    until(lambda: opened.inner_text("#elapsed") == first)


@pytest.mark.parametrize("own", [None, "0.3"])
def test_the_table_of_entries_is_the_export(opened, server, own):
    opened.click("#entries > summary")
    link = opened.locator("#exports [data-format=jams]")
    if own:
        opened.click("#summary-all")
        opened.locator("#summary-rows tr[data-label=piano] input").fill(own)
        until(lambda: f"piano%3A{own}" in link.get_attribute("href"))
    exported = server.get(link.get_attribute("href")).json()["annotations"][0]["data"]
    rows = opened.locator("#entries-rows tr")
    until(lambda: rows.count() == len(exported))
    shown = rows.evaluate_all(
        "all => all.map(tr => [tr.cells[0].innerText.trim(),"
        " Number(tr.querySelector('[data-time-s]').dataset.timeS), tr.cells[3].innerText])"
    )
    told = [(BY_ID[one["value"]].name, one["time"], f"{round(100 * one['confidence'])}%") for one in exported]
    assert sorted(map(tuple, shown)) == sorted(told)
    opened.click("[data-sort=name] button")
    until(lambda: opened.get_attribute("[data-sort=name]", "aria-sort") == "ascending")
    names = rows.evaluate_all("all => all.map(tr => tr.cells[0].innerText.trim())")
    assert names == sorted(names)


def test_averaging_is_shown_and_can_be_taken_back(opened, song):
    opened.evaluate("document.querySelector('#audio').pause()")
    opened.keyboard.press("Home")
    column = song["labels"].index("piano")
    raw = [row["probabilities"][column] for row in song["segments"]]
    row = opened.locator("#instruments [data-label=piano]")
    for choice, mean in (("3", sum(raw[:2]) / 2), ("5", sum(raw[:3]) / 3), ("1", raw[0])):
        opened.select_option("#average", choice)
        until(lambda: abs(float(row.get_attribute("data-probability") or -1) - mean) < 0.001)  # noqa: B023


def test_the_model_tells_what_it_can_name(opened, server):
    opened.click(".foot [data-opens=about]")
    until(lambda: opened.locator("#about-scores li").count() > 0)
    labels = json.loads(server.get("/api/labels").text)["labels"]
    names = opened.inner_text("#about-names")
    assert all(label["name"] in names for label in labels)
    assert "without scores" in opened.inner_text("#about-scores")  # the tiny model of the tests has none
    assert not opened.is_visible("#about-each")


def test_labels_that_come_after_the_model_are_counted(server, page):
    labels = HeldAnswers(page, "*/api/labels")
    page.goto(server.url)
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/api/model")):
        page.click(".facts [data-opens=about]")
    labels.wait()
    labels.let_go()
    n = len(server.get("/api/labels").json()["labels"])
    expect(page.locator("#about-model")).to_contain_text(f"each of {n} instruments")


def test_a_page_older_than_the_servers_model_shows_a_song_under_its_own_names(server, page, wav):
    labels = server.get("/api/labels").json()["labels"]
    page.route("**/api/labels", lambda route: route.fulfill(json={"labels": labels[::-1]}))
    page.goto(server.url)
    until(lambda: page.inner_text("#limits"))
    page.set_input_files("#file", wav)
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    page.evaluate("document.querySelector('#audio').pause()")
    page.keyboard.press("Home")
    song = server.song(page.url.rsplit("/", 1)[1])
    first = dict(zip(song["labels"], song["segments"][0]["probabilities"], strict=True))
    read = "all => Object.fromEntries(all.map(row => [row.dataset.label, Number(row.dataset.probability)]))"
    rows = page.locator("#instruments [data-label]")
    until(lambda: rows.evaluate_all(read) == pytest.approx(first, abs=0.001))


def test_the_default_models_scores_are_its_own(run_server, page):
    with run_server(TIMBRE_MODEL="models/default") as server:
        page.goto(server.url)
        page.click(".facts [data-opens=about]")
        until(lambda: page.locator("#about-rows tr").count() == 58)
        model = server.get("/api/model").json()
        top1 = model["metrics"]["solo_test_recordings"]["top1"]
        assert f"{round(100 * top1)}%" in page.inner_text("#about-scores li:first-child")
        sources = page.locator("#about-sources tr").all_inner_texts()
        assert len(sources) == len(model["trained_on"])
        for row, source in zip(sources, model["trained_on"], strict=True):
            assert row.startswith(source["source"])
            assert source["license"] in row
        starred = re.findall(r"(\w[\w ]*)\*", page.inner_text("#about-names"))
        assert sorted(starred) == sorted(BY_ID[label].name for label in model["experimental"])
