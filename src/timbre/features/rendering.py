"""What soundfonts, patch sets and synthesizers have in common: each plays phrases."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from timbre.features.note_events import NoteEvent
from timbre.files import file_sha256


class Renderer(Protocol):
    """What plays the phrases of one soundfont."""

    def fingerprint(self) -> str:
        """Of the files and versions that make its sound: with another one, phrases are rendered anew."""
        ...

    def has(self, program: int, bank: int) -> bool:
        """Whether it has this very preset."""
        ...

    def render(
        self,
        events: Sequence[NoteEvent],
        program: int,
        bank: int,
        n_samples: int,
        rng: np.random.Generator,
    ) -> NDArray[np.float32]:
        """`(n_samples,)`, mono at the front end's rate; what the notes leave open is drawn."""
        ...


def fingerprint_of(files: Sequence[Path]) -> str:
    """The SHA-256 of a file, or of the digests of several."""
    digests = [file_sha256(path) for path in files]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
