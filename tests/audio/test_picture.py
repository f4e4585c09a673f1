import io

import numpy as np
from PIL import Image

from timbre.audio.picture import DARKEST_DB, LIGHTEST_DB, colour_table, segment_jpeg, to_pixels


def lightness(srgb: np.ndarray) -> np.ndarray:
    """CIE L* of sRGB colours, by the standard's own formulas."""
    scaled = srgb / 255
    linear = np.where(scaled <= 0.04045, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(luminance > 216 / 24389, 116 * np.cbrt(luminance) - 16, luminance * 24389 / 27)


def test_louder_is_always_lighter_and_by_even_steps():
    steps = np.diff(lightness(colour_table().astype(float)))
    coarse = steps.reshape(-1, 15).sum(axis=1)
    assert (coarse > 0).all()
    assert coarse.max() < 2.5 * np.median(coarse)


def test_low_frequencies_are_at_the_bottom_and_the_range_is_fixed():
    log_mel = np.full((128, 100), DARKEST_DB - 20, np.float32)
    log_mel[0] = LIGHTEST_DB + 20
    pixels = to_pixels(log_mel)
    assert (pixels[-1] == colour_table()[255]).all()
    assert (pixels[:-1] == colour_table()[0]).all()


def test_every_segment_is_a_jpeg_of_the_same_size():
    for n_frames in (1, 37, 100):
        picture = Image.open(io.BytesIO(segment_jpeg(np.zeros((128, n_frames), np.float32))))
        assert (picture.format, picture.size) == ("JPEG", (100, 128))
