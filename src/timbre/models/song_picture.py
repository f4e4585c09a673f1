"""A tagged song as one picture, to be looked at elsewhere: spectrogram and instruments over one axis of time.

Drawn with Pillow alone, so that the server can do it.
"""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import hz_to_mel
from timbre.audio.picture import HEIGHT_PX, WIDTH_PX
from timbre.audio.segments import SEGMENT_S
from timbre.models.tagged_song import TaggedSong
from timbre.taxonomy import BY_ID, FAMILIES

_PX_PER_S = 40
_NARROWEST_PX, _WIDEST_PX = 800, 4_000  # of the time axis
SPECTROGRAM_PX = 2 * HEIGHT_PX
ROW_PX = 22
LEFT_PX, TOP_PX, RIGHT_PX, AXIS_PX, FOOT_PX = 170, 16, 24, 34, 34
_TICK_GAP_PX = 80
_FONT_PX = 14
_TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_TICKS_HZ = (500, 1_000, 2_000, 4_000, 8_000)
_PAPER, _INK, _LINE, _NO_FAMILY = "#FFFFFF", "#1F1C18", "#DFD8CC", "#5B554C"


def song_png(song: TaggedSong, jpegs: Sequence[bytes]) -> bytes:
    """A PNG of the song.

    Parameters
    ----------
    jpegs
        The picture of each segment, in order; a row under them shows each label that is heard at all.
    """
    heard = song.probabilities >= song.thresholds
    columns = np.flatnonzero(heard.any(axis=0)) if len(heard) else np.array([], int)
    end_s = max(float(song.bounds_s[-1, 1]), SEGMENT_S) if len(song.bounds_s) else SEGMENT_S
    width_px = int(np.clip(end_s * _PX_PER_S, _NARROWEST_PX, _WIDEST_PX))
    height_px = TOP_PX + SPECTROGRAM_PX + AXIS_PX + ROW_PX * len(columns) + FOOT_PX
    picture = Image.new("RGB", (LEFT_PX + width_px + RIGHT_PX, height_px), _PAPER)
    pen = _Pen(ImageDraw.Draw(picture), LEFT_PX, width_px / end_s)
    picture.paste(_spectrogram(jpegs, end_s).resize((width_px, SPECTROGRAM_PX)), (LEFT_PX, TOP_PX))
    pen.frequencies()
    pen.times(end_s)
    for row, column in enumerate(columns):
        top_px = TOP_PX + SPECTROGRAM_PX + AXIS_PX + ROW_PX * row
        pen.instrument(song, int(column), heard[:, column], top_px)
    pen.text((LEFT_PX, height_px - FOOT_PX / 2), _caption(song, len(columns)), "lm")
    return _png(picture)


def _spectrogram(jpegs: Sequence[bytes], end_s: float) -> Image.Image:
    """The segments side by side, as far as the song goes."""
    strip = Image.new("RGB", (WIDTH_PX * max(1, len(jpegs)), HEIGHT_PX))
    for index, jpeg in enumerate(jpegs):
        with Image.open(io.BytesIO(jpeg)) as segment:
            strip.paste(segment, (WIDTH_PX * index, 0))
    return strip.crop((0, 0, round(end_s * WIDTH_PX / SEGMENT_S), HEIGHT_PX))


def _caption(song: TaggedSong, n_heard: int) -> str:
    thresholds = {f"{t:g}" for t in song.thresholds}
    said = f"threshold {thresholds.pop()}" if len(thresholds) == 1 else "each at its own threshold"
    return f"{n_heard} of {len(song.labels)} labels heard, {said}; model {song.model}"


def _colour(label: str) -> str:
    if label in BY_ID:
        return BY_ID[label].colour
    return FAMILIES[label][1] if label in FAMILIES else _NO_FAMILY


def _name(label: str) -> str:
    if label in BY_ID:
        return BY_ID[label].name
    return FAMILIES[label][0] if label in FAMILIES else label


class _Pen:
    """Draws on a picture whose time axis begins at `left_px` and has `px_per_s`."""

    def __init__(self, draw: ImageDraw.ImageDraw, left_px: int, px_per_s: float):
        self._draw = draw
        self._left_px = left_px
        self._px_per_s = px_per_s
        self._font = ImageFont.load_default(_FONT_PX)

    def text(self, at: tuple[float, float], words: str, anchor: str) -> None:
        self._draw.text(at, words, _INK, self._font, anchor)

    def frequencies(self) -> None:
        low, high = hz_to_mel(np.array([FRONT_END.f_min_hz, FRONT_END.f_max_hz]))
        for tick_hz, mel in zip(_TICKS_HZ, hz_to_mel(np.array(_TICKS_HZ, float)), strict=True):
            y = TOP_PX + SPECTROGRAM_PX * (1 - (mel - low) / (high - low))
            self._draw.line((self._left_px - 6, y, self._left_px - 1, y), _INK)
            self.text((self._left_px - 10, y), f"{tick_hz} Hz", "rm")

    def times(self, end_s: float) -> None:
        step_s = next((s for s in _TICK_STEPS_S if s * self._px_per_s >= _TICK_GAP_PX), _TICK_STEPS_S[-1])
        y = TOP_PX + SPECTROGRAM_PX
        for tick_s in range(0, int(end_s) + 1, step_s):
            x = self._x(tick_s)
            self._draw.line((x, y, x, y + 6), _INK)
            self.text((x, y + 8), f"{tick_s // 60}:{tick_s % 60:02d}", "ma")

    def instrument(self, song: TaggedSong, column: int, heard: NDArray[np.bool_], top_px: int) -> None:
        """A row: filled where the label is heard, the stronger the surer."""
        label, middle_px = song.labels[column], top_px + ROW_PX / 2
        self.text((self._left_px - 10, middle_px), _name(label), "rm")
        end_px = self._x(float(song.bounds_s[-1, 1]))
        self._draw.line((self._left_px, middle_px, end_px, middle_px), _LINE)
        for index in np.flatnonzero(heard):
            start_px, stop_px = (self._x(float(bound_s)) for bound_s in song.bounds_s[index])
            fill = _mixed(_colour(label), float(song.probabilities[index, column]))
            self._draw.rectangle(
                (start_px, top_px + 2, max(start_px, stop_px - 1), top_px + ROW_PX - 3), fill
            )

    def _x(self, time_s: float) -> int:
        return self._left_px + round(time_s * self._px_per_s)


def _mixed(colour: str, probability: float) -> tuple[int, ...]:
    """The colour as the page has it: paler where the model is less sure."""
    share = 0.55 + 0.45 * probability
    rgb = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return tuple(round(255 + (value - 255) * share) for value in rgb)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
