"""A server that has much to do: what the page says of it, and the ways out."""

import re
from pathlib import Path

from live_page import assert_nothing_blocks
from live_server import until
from playwright.sync_api import Page, expect

PLACE = re.compile(r"Waiting for its turn, number [12] in the queue")


def choose(page: Page, url: str, path: Path) -> Page:
    page.goto(url)
    until(lambda: page.inner_text("#limits"))
    page.set_input_files("#file", path)
    return page


def test_who_waits_sees_the_place_and_can_leave_and_who_is_turned_away_can_try_again(
    run_server, open_page, gate, wav
):
    decoder, opened = gate
    with run_server(TIMBRE_FFMPEG=decoder, TIMBRE_MAX_ACTIVE=1, TIMBRE_MAX_WAITING=2) as server:
        others = [server.upload(wav), server.upload(wav)]
        waiting = choose(open_page(), server.url, wav)
        expect(waiting.locator("#state")).to_have_text(PLACE)
        assert_nothing_blocks(waiting)
        waiting.emulate_media(color_scheme="dark")
        assert_nothing_blocks(waiting, colours_alone=True)

        refused = choose(open_page(refused=True), server.url, wav)
        expect(refused.locator("#problem")).to_contain_text("Too many songs are waiting. Try again")

        # The answer, not the song's end: its place in the queue is free a moment after its row is gone.
        with waiting.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
            waiting.click("#cancel")
        assert deleted.value.ok
        waiting.close()
        refused.click("#retry")
        expect(refused.locator("#state")).to_have_text(PLACE)
        opened.touch()
        expect(refused.locator("#state")).to_have_attribute("data-state", "done")
        assert all(server.wait(song) for song in others)
        assert not refused.is_visible("#problem")
        refused.close()


def test_a_song_after_the_other_leaves_nothing_behind(server, open_page, wav):
    page = open_page()
    page.add_init_script("""window.lent = new Set();
        const { createObjectURL, revokeObjectURL } = URL;
        URL.createObjectURL = (file) => {
          const url = createObjectURL.call(URL, file);
          lent.add(url);
          return url;
        };
        URL.revokeObjectURL = (url) => {
          lent.delete(url);
          revokeObjectURL.call(URL, url);
        };""")
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")

    def listeners() -> int:
        tools.send("HeapProfiler.collectGarbage")
        return next(
            one["value"]
            for one in tools.send("Performance.getMetrics")["metrics"]
            if one["name"] == "JSEventListeners"
        )

    page.goto(server.url)
    until(lambda: page.inner_text("#limits"))
    found = []
    for _ in range(3):
        page.set_input_files("#file", wav)
        expect(page.locator("#state")).to_have_attribute("data-state", "done")
        assert page.evaluate("lent.size") == 1
        page.click("#home")
        assert page.evaluate("lent.size") == 0
        found.append(listeners())
    assert found[-1] <= found[0] + 3  # a line of the list of songs has some of its own
