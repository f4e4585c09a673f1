"""The surest mistakes as a page shows them: what is there, what was said, picture and sound."""

import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from tqdm import tqdm

from timbre.audio.log_mel import LogMel
from timbre.audio.picture import JPEG_QUALITY, to_pixels
from timbre.features.windows import Windows
from timbre.models.scores import Answers
from timbre.taxonomy import BY_ID
from timbre.visualization.report_mistakes import Mistake, likeliest, surest_mistakes
from timbre.visualization.report_sounds import Excerpt, Sounds


@dataclass(frozen=True)
class Card:
    """One mistake.

    Attributes
    ----------
    truth
        Names of the instruments that are there.
    answers
        Likeliest labels: name, probability, and whether it is there (None: nobody knows).
    picture
        JPEG of the whole window.
    excerpt
        None where there is no sound.
    """

    mistake: Mistake
    truth: list[str]
    answers: list[tuple[str, float, bool | None]]
    picture: bytes
    excerpt: Excerpt | None

    @property
    def name(self) -> str:
        """Of the label that is mistaken."""
        return BY_ID[self.mistake.label].name


def mistake_cards(answers: Answers, windows: Windows, sounds: Sounds | None) -> list[Card]:
    """The surest mistakes among all windows of a split, whose answers these are."""
    return [
        Card(
            mistake,
            _names(np.array(answers.labels)[answers.targets[mistake.row]]),
            _judged(answers, mistake.row),
            window_jpeg(windows.log_mel(mistake.row).astype(np.float32)),
            sounds.excerpt(mistake.row) if sounds else None,
        )
        for mistake in tqdm(surest_mistakes(answers), "mistakes")
    ]


def _names(labels: Iterable[str]) -> list[str]:
    return [BY_ID[label].name for label in labels]


def _judged(answers: Answers, row: int) -> list[tuple[str, float, bool | None]]:
    place = {label: column for column, label in enumerate(answers.labels)}
    said = []
    for label, probability in likeliest(answers, row):
        column = place[label]
        is_there = bool(answers.targets[row, column]) if answers.known[row, column] else None
        said.append((BY_ID[label].name, probability, is_there))
    return said


def window_jpeg(log_mel: LogMel) -> bytes:
    """A window `(n_mels, n_frames)`, a pixel a frame and band."""
    out = io.BytesIO()
    Image.fromarray(to_pixels(log_mel)).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
