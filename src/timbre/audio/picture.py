"""The picture of a segment: log-mel through a colour table whose lightness grows evenly.

The table is a path through Oklab (Ottosson, 2020), a colour space in which equal steps look
equal: lightness rises in a straight line from near black to near white while the hue turns from
blue over red to yellow. So louder always looks brighter, in grey print and to colour-blind eyes too.
"""

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import LogMel
from timbre.audio.segments import SEGMENT_S

# What the darkest and the lightest colour stand for, fixed so that songs can be compared.
DARKEST_DB = -50.0
LIGHTEST_DB = 30.0
WIDTH_PX = SEGMENT_S * FRONT_END.frames_per_s
HEIGHT_PX = FRONT_END.n_mels
JPEG_QUALITY = 85

_LIGHTNESS = (0.13, 0.97)
_HUE_DEGREES = (270.0, 460.0)  # blue, magenta at 330, red at 385, yellow at 460
_CHROMA = 0.145
_OKLAB_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@cache
def colour_table() -> NDArray[np.uint8]:
    """256 colours, `(256, 3)` uint8 sRGB, from the quietest to the loudest."""
    step = np.linspace(0.0, 1.0, 256)
    lightness = np.interp(step, (0, 1), _LIGHTNESS)
    hue = np.radians(np.interp(step, (0, 1), _HUE_DEGREES))
    chroma = _CHROMA * np.sin(np.pi * (0.08 + 0.84 * step))  # the ends have no room for colour
    oklab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)
    linear = np.clip((oklab @ _OKLAB_TO_LMS.T) ** 3 @ _LMS_TO_RGB.T, 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(srgb * 255).astype(np.uint8)


def to_pixels(log_mel: LogMel) -> NDArray[np.uint8]:
    """Colours of a log-mel `(n_mels, n_frames)`: `(n_mels, n_frames, 3)`, low frequencies at the bottom."""
    scaled = (log_mel - DARKEST_DB) * (255.0 / (LIGHTEST_DB - DARKEST_DB))
    return colour_table()[np.clip(scaled, 0, 255).astype(np.uint8)[::-1]]


def segment_jpeg(log_mel: LogMel) -> bytes:
    """The JPEG of one segment, always `WIDTH_PX` x `HEIGHT_PX`; what a short one lacks is darkest."""
    missing = WIDTH_PX - log_mel.shape[1]
    if missing > 0:
        log_mel = np.pad(log_mel, ((0, 0), (0, missing)), constant_values=DARKEST_DB)
    out = io.BytesIO()
    Image.fromarray(to_pixels(log_mel[:, :WIDTH_PX])).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
