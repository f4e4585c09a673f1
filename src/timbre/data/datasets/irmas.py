"""IRMAS: music in which one instrument (training) or several (testing) predominate.

Training: 6,705 excerpts of 3 s from more than 2,000 recordings, stereo wav, 44.1 kHz, 16 bit:
`IRMAS-TrainingData/<code>/[<code>][<drums>][<genre>]<recording>__<excerpt>.wav`, perhaps with a number
and `__` before. cel 388, cla 505, flu 451, gac 637, gel 760, org 682, pia 721, sax 626, tru 577,
vio 580, voi 778. `dru` or `nod` tells whether there are drums; some names have neither.
Testing: 2,874 excerpts of 5 to 20 s, `IRMAS-TestingData-Part<n>/Part<n>/<recording>-<excerpt>.wav`, each
with a `.txt` of the same name, one code a line. Licence: CC BY-NC-SA 3.0.

- Truth: in training only the predominant instrument is certain, and the drums where the name tells.
  In testing the listed instruments sound and the other codes do not, as the published scores count.
  An excerpt of which neither its name nor a `.txt` says anything is left out and listed.
- Split: testing tests; training is divided by recording.
- Group: the recording, which gives several excerpts.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from timbre.data.clips import Clip, Meaning, Truth, one_of, sounds
from timbre.data.dataset import Remote, meaning_of
from timbre.data.label_maps import DRUM_KIT_PIECES, partial_truth

TITLE = "IRMAS: instrument recognition in musical audio signals"
HOME = "https://zenodo.org/records/1290750"
REMOTES = (
    Remote("zenodo:1290750/IRMAS-TrainingData.zip", 3_200_000_000),
    Remote("zenodo:1290750/IRMAS-TestingData-Part1.zip", 2_100_000_000),
    Remote("zenodo:1290750/IRMAS-TestingData-Part2.zip", 3_200_000_000),
    Remote("zenodo:1290750/IRMAS-TestingData-Part3.zip", 2_100_000_000),
)
LICENSE = "CC BY-NC-SA 3.0"
CITATION = (
    "J. J. Bosch, J. Janer, F. Fuhrmann and P. Herrera, A Comparison of Sound Segregation Techniques for "
    "Predominant Instrument Recognition in Musical Audio Signals, ISMIR 2012."
)
N_CLIPS = 6_705 + 2_874
CLASSES: dict[str, Meaning] = {
    "cel": sounds("cello"),
    "cla": sounds("clarinet"),
    "flu": sounds("flute"),
    "gac": sounds("acoustic_guitar"),
    "gel": sounds("electric_guitar"),
    "org": sounds("organ"),
    "pia": sounds("piano"),
    "sax": sounds("saxophone"),
    "tru": sounds("trumpet"),
    "vio": sounds("violin"),
    "voi": sounds("voice"),
}

_TRAINING_NAME = re.compile(r"(?:\d+__)?\[(?P<code>\w+)\](?P<flags>(?:\[\w+\])*)(?P<recording>\d+)__\d+")
_DRUMS = one_of(*DRUM_KIT_PIECES)
_NOT_TOLD = "neither its name nor a .txt beside it says what is heard"


def read(folder: Path) -> Iterator[Clip]:
    """Training excerpts are known by the brackets in their names, testing excerpts by their `.txt`."""
    for path in sorted(folder.rglob("*.wav")):
        answers = path.with_suffix(".txt")
        yield _testing(path, answers, folder) if answers.exists() else _training(path, folder)


def _training(path: Path, folder: Path) -> Clip:
    name = _TRAINING_NAME.fullmatch(path.stem)
    if name is None:
        return _not_told(path, folder)
    instrument = meaning_of(name["code"], CLASSES, path)
    heard = [instrument, _DRUMS] if "[dru]" in name["flags"] else [instrument]
    not_heard = [_DRUMS] if "[nod]" in name["flags"] else []
    truth = partial_truth(heard, not_heard)
    return _clip(path, folder, truth, f"training/{name['recording']}")


def _testing(path: Path, answers: Path, folder: Path) -> Clip:
    codes = answers.read_text(encoding="utf-8", errors="replace").split()
    if not codes:
        return _not_told(path, folder)
    heard = [meaning_of(code, CLASSES, answers) for code in codes]
    not_heard = [meaning for code, meaning in CLASSES.items() if code not in codes]
    recording = re.sub(r"-\d+$", "", path.stem)
    return _clip(path, folder, partial_truth(heard, not_heard), f"testing/{recording}")


def _not_told(path: Path, folder: Path) -> Clip:
    return replace(_clip(path, folder, Truth((), ()), "testing/"), problem=_NOT_TOLD)


def _clip(path: Path, folder: Path, truth: Truth, group: str) -> Clip:
    return Clip(
        path=path.relative_to(folder).as_posix(),
        truth=truth,
        group=group,
        license=LICENSE,
        kind="mix",
        part="test" if group.startswith("testing/") else "development",
    )
