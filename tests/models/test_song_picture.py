import io

import librosa
import numpy as np
import pytest
from PIL import Image, ImageColor

from timbre.audio.picture import colour_table, segment_jpeg
from timbre.models.song_picture import (
    AXIS_PX,
    FOOT_PX,
    LEFT_PX,
    RIGHT_PX,
    ROW_PX,
    SPECTROGRAM_PX,
    TOP_PX,
    song_png,
)
from timbre.models.tagged_song import TaggedSong
from timbre.taxonomy import BY_ID

INK = 90  # what is darker is a letter or a line, not paper


def made(probabilities: list[list[float]], end_s: float | None = None) -> TaggedSong:
    n = len(probabilities)
    bounds_s = np.array([(i, i + 1) for i in range(n)], float).reshape(-1, 2)
    if end_s is not None:
        bounds_s[-1, 1] = end_s
    return TaggedSong(
        name='"曲"\n🎻.mp3',
        model="tiny",
        duration_s=float(end_s or n),
        labels=("violin", "drum_kit", "voice"),
        thresholds=np.full(3, 0.5, np.float32),
        bounds_s=bounds_s,
        probabilities=np.array(probabilities, np.float32).reshape(n, 3),
    )


def opened(song: TaggedSong, jpegs: list[bytes]) -> np.ndarray:
    picture = Image.open(io.BytesIO(song_png(song, jpegs)))
    picture.load()
    assert picture.format == "PNG"
    return np.asarray(picture.convert("RGB")).astype(int)


def silent(n: int) -> list[bytes]:
    return [segment_jpeg(np.full((128, 100), -50.0, np.float32))] * n


def width_px(pixels: np.ndarray) -> int:
    return pixels.shape[1] - LEFT_PX - RIGHT_PX


def test_a_tone_lies_at_its_second_and_at_its_frequency_on_the_axis():
    log_mel = np.full((128, 100), -50.0, np.float32)
    centres_hz = librosa.mel_frequencies(130, fmin=0, fmax=16_000)[1:-1]
    log_mel[np.argmin(abs(centres_hz - 2_000))] = 30.0
    song = made([[0, 0, 0]] * 4)
    pixels = opened(song, [*silent(2), segment_jpeg(log_mel), *silent(1)])
    plot = pixels[TOP_PX : TOP_PX + SPECTROGRAM_PX, LEFT_PX : LEFT_PX + width_px(pixels)].sum(axis=2)
    assert abs(np.argmax(plot[:, round(2.5 / 4 * plot.shape[1])]) - tick_rows(pixels)[-3]) <= 2
    loud = np.flatnonzero(plot.max(axis=0) > 500) / plot.shape[1] * 4
    assert (loud.min(), loud.max()) == pytest.approx((2, 3), abs=0.03)


def tick_rows(pixels: np.ndarray) -> list[int]:
    """Heights of the marks beside the spectrogram, from the top: 8, 4, 2, 1 and 0.5 kHz."""
    column = pixels[TOP_PX : TOP_PX + SPECTROGRAM_PX, LEFT_PX - 3].sum(axis=1) < 3 * INK
    return list(np.flatnonzero(column))


def test_frequencies_are_marked_and_named():
    pixels = opened(made([[0, 0, 0]]), silent(1))
    rows = tick_rows(pixels)
    assert len(rows) == 5
    for row in rows:
        words = pixels[TOP_PX + row - 6 : TOP_PX + row + 6, : LEFT_PX - 8].sum(axis=2)
        assert (words < 3 * INK).sum() > 20


def test_times_are_marked_at_their_seconds_and_far_enough_apart_to_be_read():
    for n in (3, 57, 400):
        pixels = opened(made([[0, 0, 0]] * n), silent(n))
        row = pixels[TOP_PX + SPECTROGRAM_PX + 3, LEFT_PX:].sum(axis=1) < 3 * INK
        ticks_s = np.flatnonzero(row) / width_px(pixels) * n
        step_s = ticks_s[1]
        assert ticks_s == pytest.approx(np.arange(len(ticks_s)) * step_s, abs=0.1)
        assert step_s == pytest.approx(round(step_s), abs=0.1)
        assert width_px(pixels) / n * step_s >= 80


def test_a_row_is_filled_where_its_instrument_is_heard_and_only_instruments_heard_have_one():
    pixels = opened(made([[0.9, 0.1, 0.1], [0.1, 0.1, 0.5], [1.0, 0.1, 0.1]], end_s=2.25), silent(3))
    top = TOP_PX + SPECTROGRAM_PX + AXIS_PX
    assert pixels.shape[0] == top + 2 * ROW_PX + FOOT_PX
    violin, voice = (pixels[top + ROW_PX * row + 5, LEFT_PX:] for row in (0, 1))
    at = lambda row, time_s: tuple(row[round(time_s / 2.25 * width_px(pixels))])  # noqa: E731
    white = (255, 255, 255)
    assert [at(violin, t) == white for t in (0.5, 1.5, 2.1)] == [False, True, False]
    assert [at(voice, t) == white for t in (0.5, 1.5, 2.1)] == [True, False, True]
    assert at(violin, 2.1) == ImageColor.getrgb(BY_ID["violin"].colour)


def test_a_song_without_any_instrument_or_any_segment_is_a_picture_too():
    quiet = opened(made([[0, 0, 0]] * 2), silent(2))
    dark = quiet[TOP_PX : TOP_PX + SPECTROGRAM_PX, LEFT_PX : LEFT_PX + width_px(quiet)]
    assert abs(dark - colour_table()[0]).max() < 8
    assert quiet.shape[0] == TOP_PX + SPECTROGRAM_PX + AXIS_PX + FOOT_PX
    assert opened(made([]), []).shape[0] == quiet.shape[0]


def test_a_long_song_stays_a_picture_that_other_programs_open():
    assert width_px(opened(made([[0, 0, 0]] * 1_800), silent(1_800))) == 4_000


@pytest.mark.parametrize("level", ["family", "openmic", "nsynth"])
def test_every_level_has_rows(level):
    song = made([[0.9, 0.9, 0.9]]).at_level(level)
    assert opened(song, silent(1)).shape[0] > TOP_PX + SPECTROGRAM_PX + AXIS_PX + FOOT_PX
