import numpy as np
import pytest

from timbre.audio.log_mel import log_mel
from timbre.audio.segments import Segmenter, reflected

RATE_HZ = 32_000


def cut(waveform, context_s, step):
    segmenter, found = Segmenter(context_s), []
    for start in range(0, len(waveform), step):
        found += segmenter.push(waveform[start : start + step])
    return [*found, *segmenter.finish()]


@pytest.mark.parametrize("context_s", [1.0, 3.0, 10.0])
@pytest.mark.parametrize("duration_s", [0.1, 0.99, 1.0, 1.01, 2.5, 20.3])
def test_windows_are_the_reflected_log_mel_around_each_second(context_s, duration_s):
    waveform = np.random.default_rng(3).normal(0, 0.1, round(duration_s * RATE_HZ)).astype(np.float32)
    whole = log_mel(waveform)
    segments = cut(waveform, context_s, 7_001)
    assert [segment.index for segment in segments] == list(range(int(np.ceil(duration_s))))
    for segment in segments:
        centre = segment.index * 100 + 50
        half = round(context_s * 50)
        columns = np.arange(centre - half, centre + half)
        expected = np.take(whole, reflected(columns[0], len(columns), whole.shape[1]), axis=1)
        np.testing.assert_allclose(segment.window, expected, atol=1e-4)


def test_reflection_is_numpys():
    for length in (2, 3, 7):
        padded = np.pad(np.arange(length), (11, 13), mode="reflect")
        np.testing.assert_array_equal(reflected(-11, length + 24, length), padded)
    np.testing.assert_array_equal(reflected(-3, 7, 1), np.zeros(7))


def test_seconds_tile_the_song_and_the_last_ends_with_it():
    waveform = np.zeros(round(4.37 * RATE_HZ), np.float32)
    segments = cut(waveform, 3.0, 10_000)
    assert [segment.start_s for segment in segments] == [0, 1, 2, 3, 4]
    assert [segment.end_s for segment in segments] == [1, 2, 3, 4, pytest.approx(4.37)]
    assert [segment.log_mel.shape[1] for segment in segments[:-1]] == [100] * 4


def test_peaks_are_the_greatest_samples_of_each_twentieth():
    waveform = np.zeros(2 * RATE_HZ + 800, np.float32)
    waveform[[0, 1_600, RATE_HZ + 100, 2 * RATE_HZ + 5]] = [0.5, -0.75, 0.25, 1.0]
    first, second, third = cut(waveform, 1.0, 999)
    assert first.peaks.tolist() == [0.5, 0.75, *[0.0] * 18]
    assert second.peaks.tolist() == [0.25, *[0.0] * 19]
    assert third.peaks.tolist() == [1.0]


def test_a_segment_comes_as_soon_as_its_window_is_there():
    segmenter = Segmenter(3.0)
    assert len(segmenter.push(np.zeros(2 * RATE_HZ, np.float32))) == 0
    assert len(segmenter.push(np.zeros(RATE_HZ // 10, np.float32))) == 1


def test_memory_stays_flat_over_an_hour():
    segmenter = Segmenter(3.0)
    piece = np.zeros(60 * RATE_HZ, np.float32)
    n = sum(len(segmenter.push(piece)) for _ in range(10))
    assert n == 598
    assert segmenter._frames.shape[1] < 1_500
    held = [segmenter._waveform, segmenter._log_mel._pending]
    assert sum((array if array.base is None else array.base).size for array in held) < 3 * RATE_HZ


@pytest.mark.parametrize("multiple_of", [1, 4])
@pytest.mark.parametrize("duration_s", [0.3, 2.5, 20.3])
def test_a_stretch_holds_the_windows_of_its_segments_and_its_margins(duration_s, multiple_of):
    waveform = np.random.default_rng(3).normal(0, 0.1, round(duration_s * RATE_HZ)).astype(np.float32)
    whole = log_mel(waveform)
    segmenter, stretches = Segmenter(3.0, margin_s=2), []
    for start in range(0, len(waveform), 9_001):
        stretches.append(segmenter.push(waveform[start : start + 9_001], multiple_of))
    stretches = [one for one in (*stretches, segmenter.finish()) if len(one)]
    assert [s.index for one in stretches for s in one] == list(range(int(np.ceil(duration_s))))
    assert all(len(one) % multiple_of == 0 for one in stretches[:-1])
    for stretch in stretches:
        first = 100 * stretch.segments[0].index - 100 - 200
        n_frames = 100 * (len(stretch) - 1) + 300 + 400
        expected = whole[:, reflected(first, n_frames, whole.shape[1])]
        np.testing.assert_allclose(stretch.log_mel, expected, atol=1e-4)
        for number, segment in enumerate(stretch):
            np.testing.assert_array_equal(segment.window, stretch.part(number, 1)[:, 200:-200])


def test_parts_of_a_stretch_overlap_by_windows_and_margins():
    segmenter = Segmenter(3.0, margin_s=1)
    stretch = segmenter.push(np.random.default_rng(0).normal(0, 0.1, 20 * RATE_HZ).astype(np.float32))
    assert [stretch.part(start, 8).shape[1] for start in range(0, len(stretch), 8)] == [1200, 1200, 500]
    np.testing.assert_array_equal(stretch.part(8, 8), stretch.log_mel[:, 800:2000])


def test_a_segment_waits_for_its_margin():
    segmenter = Segmenter(3.0, margin_s=2)
    assert len(segmenter.push(np.zeros(4 * RATE_HZ, np.float32))) == 0
    assert len(segmenter.push(np.zeros(RATE_HZ // 10, np.float32))) == 1
    assert len(segmenter.push(np.zeros(RATE_HZ, np.float32), multiple_of=2)) == 0
    assert len(segmenter.push(np.zeros(RATE_HZ, np.float32), multiple_of=2)) == 2
