"""Looking about in a song and practising with it, in a real browser."""

import pytest
from live_server import until
from playwright.sync_api import expect

# Runs before the page's own scripts: counts what is drawn on any canvas, and the pictures that can be.
COUNT_DRAWING = """window.drawn = 0;
for (const name of ["fillRect", "drawImage", "clearRect"]) {
  const original = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    window.drawn += 1;
    return original.apply(this, given);
  };
}
window.pictures = new Set();
window.createImageBitmap = ((original) => async (picture) => {
  const bitmap = await original(picture);
  window.pictures.add(picture);
  return bitmap;
})(window.createImageBitmap);"""
# How much is drawn while ten frames go by.
DRAWN_IN_TEN_FRAMES = """() => new Promise((resolve) => {
  const before = window.drawn;
  let left = 10;
  const frame = () => (left-- ? requestAnimationFrame(frame) : resolve(window.drawn - before));
  frame();
})"""
NEAR_S = 0.06  # a pixel of the whole song, and a little


@pytest.fixture
def song(page, link):
    """The page with that song, at rest at its beginning."""
    page.add_init_script(COUNT_DRAWING)
    page.goto(link)
    expect(page.locator("#play")).to_be_enabled()
    expect(page.locator("#state")).to_have_attribute("data-state", "done")
    return page


def time_s(page) -> float:
    return page.evaluate("document.querySelector('#audio').currentTime")


def seen_s(page) -> tuple[float, float]:
    """From when to when the lanes show the song, as the window of the overview says."""
    song_box, window = page.locator("#overview").bounding_box(), page.locator("#window").bounding_box()
    at_s = 7.25 / song_box["width"]
    start_s = (window["x"] - song_box["x"]) * at_s
    return start_s, start_s + window["width"] * at_s


def place(page, selector: str, share: float) -> tuple[float, float]:
    """The point at this share of an element's width, in its middle."""
    box = page.locator(selector).bounding_box()
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def drag(page, selector: str, start: float, end: float) -> None:
    page.mouse.move(*place(page, selector, start))
    page.mouse.down()
    page.mouse.move(*place(page, selector, (start + end) / 2))
    page.mouse.move(*place(page, selector, end))
    page.mouse.up()


def test_the_wheel_zooms_about_the_pointer_and_scrolls_sideways(song):
    song.mouse.move(*place(song, "#heatmap", 0.5))
    song.keyboard.down("Control")
    song.mouse.wheel(0, -400)
    song.keyboard.up("Control")
    until(lambda: seen_s(song)[1] - seen_s(song)[0] < 6)
    song.mouse.click(*place(song, "#waveform", 0.5))
    assert time_s(song) == pytest.approx(7.25 / 2, abs=NEAR_S)
    before_s = seen_s(song)[0]
    song.mouse.wheel(200, 0)
    until(lambda: seen_s(song)[0] > before_s)
    assert song.get_attribute("#follow", "aria-pressed") == "false"


def test_the_overview_opens_moves_and_closes_the_window(song):
    drag(song, "#overview", 0.2, 0.6)
    until(lambda: seen_s(song) == pytest.approx((0.2 * 7.25, 0.6 * 7.25), abs=NEAR_S))
    drag(song, "#overview", 0.4, 0.5)
    until(lambda: seen_s(song) == pytest.approx((0.3 * 7.25, 0.7 * 7.25), abs=NEAR_S))
    song.click("#follow")  # the playhead is at the beginning, out of sight
    until(lambda: seen_s(song)[0] == pytest.approx(0, abs=NEAR_S))
    song.click("#whole-song")
    until(lambda: seen_s(song) == pytest.approx((0, 7.25), abs=NEAR_S))


def test_all_lanes_show_the_same_stretch(song):
    drag(song, "#overview", 0.5, 0.9)
    until(lambda: seen_s(song)[0] > 3)
    for lane in ("#waveform", "#spectrogram", "#heatmap"):
        song.mouse.click(*place(song, lane, 0.25))
        assert time_s(song) == pytest.approx(7.25 * 0.6, abs=NEAR_S)


def test_a_loop_goes_round_until_it_is_taken_away(song):
    drag(song, "#axis", 0.3, 0.45)
    assert song.locator("#loop").is_visible()
    song.keyboard.press("Space")
    song.evaluate("""() => { window.turns = 0;
        document.querySelector('#audio').addEventListener('seeking', () => (window.turns += 1)); }""")
    until(lambda: song.evaluate("window.turns") >= 2)
    assert 0.29 * 7.25 < time_s(song) < 0.46 * 7.25 + NEAR_S
    song.keyboard.press("l")
    assert song.locator("#loop").is_hidden()
    until(lambda: time_s(song) > 0.5 * 7.25)


def test_a_handle_of_the_loop_moves_by_keys(song):
    song.keyboard.press("l")
    assert song.get_attribute("#loop-end", "aria-valuenow") == "1.0"
    song.focus("#loop-end")
    song.keyboard.press("ArrowRight")
    song.keyboard.press("Shift+ArrowRight")
    assert song.get_attribute("#loop-end", "aria-valuenow") == "2.1"
    assert time_s(song) == 0  # the same keys mean the song only elsewhere


def test_speed_keeps_the_pitch_and_volume_is_kept(song):
    song.keyboard.press("]")
    song.keyboard.press("m")
    song.fill("#volume", "0.4")
    read = """() => { const audio = document.querySelector('#audio');
        return [audio.playbackRate, audio.preservesPitch, audio.muted, audio.volume]; }"""
    assert song.evaluate(read) == [1.25, True, False, 0.4]  # who moves the slider wants to hear
    song.keyboard.press("m")
    song.reload()
    until(lambda: song.get_attribute("#state", "data-state") == "done")
    assert song.evaluate(read)[2:] == [True, 0.4]


def test_entries_are_gone_to_by_number_by_name_and_by_button(song):
    numbered = song.locator("#instruments .row", has=song.locator(".digit", has_text="1"))
    assert numbered.count() == 1
    song.keyboard.press("End")
    song.keyboard.press("1")
    entry_s = time_s(song)
    assert entry_s < 7
    song.keyboard.press("End")
    numbered.locator(".name").click()
    assert time_s(song) == entry_s
    song.keyboard.press("End")
    numbered.hover()
    numbered.locator(".next").click()
    assert time_s(song) == entry_s


def test_keys_are_left_to_the_control_that_has_the_focus(song):
    song.focus("#speed")
    song.keyboard.press("l")
    song.keyboard.press("End")
    assert song.locator("#loop").is_hidden()
    assert time_s(song) == 0
    song.focus("#volume")
    song.keyboard.press("ArrowLeft")
    assert time_s(song) == 0
    song.keyboard.press("l")  # of no use to a slider
    assert song.locator("#loop").is_visible()


def test_the_readout_tells_what_is_under_the_mouse(song, server):
    song_id = song.url.rsplit("/", 1)[1]
    truth = server.song(song_id)
    row = song.locator("#instruments .row").nth(2)
    box = row.bounding_box()
    x, _ = place(song, "#heatmap", 4.5 / 7.25)
    song.mouse.move(x, box["y"] + box["height"] / 2)
    index = truth["labels"].index(row.get_attribute("data-label"))
    probability = truth["segments"][4]["probabilities"][index]
    said = song.inner_text("#readout")
    assert said.startswith("0:04.")
    assert row.locator(".name").inner_text().rstrip("*") in said
    assert f"{round(100 * probability)}%" in said.replace("\u00a0", "")
    song.mouse.move(*place(song, "#spectrogram", 0.5))
    assert "Hz" in song.inner_text("#readout")


def test_while_it_plays_nothing_is_drawn_anew(song):
    until(lambda: song.evaluate("window.pictures.size") == 8)
    until(lambda: song.evaluate(DRAWN_IN_TEN_FRAMES) == 0)
    song.keyboard.press("Space")
    until(lambda: time_s(song) > 0.5)
    before = song.evaluate("window.drawn")
    until(lambda: time_s(song) > 2.5)
    assert song.evaluate("window.drawn") == before


def test_all_of_it_works_while_the_song_is_still_on_its_way(server, page, wav):
    line = page.context.new_cdp_session(page)

    def set_line(upload_bytes_s: float) -> None:
        rates = {"downloadThroughput": -1, "uploadThroughput": upload_bytes_s}
        line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, **rates})

    set_line(wav.stat().st_size / 300)  # it would take five minutes
    page.goto(server.url)
    page.set_input_files("#file", wav)
    until(lambda: time_s(page) > 0)
    drag(page, "#overview", 0.5, 1)
    drag(page, "#axis", 0.2, 0.6)
    until(lambda: seen_s(page)[0] > 3)
    until(lambda: time_s(page) > 4)  # in the loop, ahead of the tags
    assert page.get_attribute("#state", "data-state") != "done"
    set_line(-1)
    until(lambda: page.get_attribute("#state", "data-state") == "done")
    assert seen_s(page) == pytest.approx((7.25 / 2, 7.25), abs=NEAR_S)
    ink = """() => { const canvas = document.querySelector('#heatmap');
        const pixels = canvas.getContext('2d').getImageData(canvas.width - 9, 0, 1, canvas.height).data;
        return pixels.some((value) => value > 0); }"""
    until(lambda: page.evaluate(ink))


def test_two_fingers_zoom_and_one_seeks(song):
    hand = song.context.new_cdp_session(song)
    left, y = place(song, "#waveform", 0.4)
    right, _ = place(song, "#waveform", 0.6)
    apart = 0.15 * song.locator("#plots").bounding_box()["width"]

    def touch(kind: str, *xs: float) -> None:
        points = [{"x": x, "y": y, "id": finger} for finger, x in enumerate(xs)]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", left)
    touch("touchStart", left, right)
    for step in (0.5, 1):
        touch("touchMove", left - step * apart, right + step * apart)
    touch("touchEnd")
    # What lay between 0.4 and 0.6 now lies between 0.25 and 0.75: 2.5 times as near, the middle unmoved.
    until(lambda: seen_s(song) == pytest.approx((7.25 * 0.3, 7.25 * 0.7), abs=2 * NEAR_S))
    assert time_s(song) == 0
    touch("touchStart", left)
    touch("touchEnd")
    until(lambda: time_s(song) == pytest.approx(7.25 * (0.3 + 0.4 * 0.4), abs=2 * NEAR_S))
