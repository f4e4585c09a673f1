"""VocalSet: 10.1 hours of 20 singers (9 women, 11 men) alone, in 17 techniques on five vowels.

3,560 wav, 44.1 kHz, mono: `FULL/<singer>/<exercise>/<technique>/<s>_<exercise>_<technique>_<vowel>.wav` with
`female1` ... `female9` and `male1` ... `male11`; exercises are scales, arpeggios, long tones and excerpts.
The archive may hold the same files again by singer, technique and vowel; each is read once.
Licence: CC BY 4.0.

- Truth: the voice, and nothing else. Spoken excerpts are voice too, of kind `speech`.
- Split and group: the singer. The published split is made for telling techniques apart and leaves
  no singers to validate with.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from timbre.data.clips import Clip, Meaning, sounds
from timbre.data.dataset import Remote, meaning_of
from timbre.data.label_maps import closed_truth

TITLE = "VocalSet: a singing voice dataset"
HOME = "https://zenodo.org/records/1193957"
REMOTES = (Remote("zenodo:1193957/VocalSet.zip", 2_100_000_000),)
LICENSE = "CC BY 4.0"
CITATION = "J. Wilkins, P. Seetharaman, A. Wahl and B. Pardo, VocalSet: A Singing Voice Dataset, ISMIR 2018."
N_CLIPS = 3_560
CLASSES: dict[str, Meaning] = {"voice": sounds("voice")}

_SINGER = re.compile(r"(?:fe)?male\d+")


def read(folder: Path) -> Iterator[Clip]:
    """Every recording that lies below a singer's folder, once."""
    seen: set[tuple[str, str]] = set()
    for path in sorted(folder.rglob("*.wav")):
        relative = path.relative_to(folder)
        singer = next(filter(_SINGER.fullmatch, relative.parts), None)
        if singer is None or (singer, path.name) in seen:
            continue
        seen.add((singer, path.name))
        yield Clip(
            path=relative.as_posix(),
            truth=closed_truth(meaning_of("voice", CLASSES, path)),
            group=singer,
            license=LICENSE,
            kind="speech" if path.parent.name == "spoken" else "phrase",
        )
