"""IRMAS: the predominant instrument of excerpts of music, wav of 44.1 kHz stereo.

Training: `IRMAS-TrainingData/<code>/<take>__[<code>][dru|nod][<genre>]<recording>__<excerpt>.wav`, where
the number in front and the word on drums may be missing. Testing: three archives with a folder of
another name each, a `.txt` beside every wav with a code a line and a tab behind it; excerpts of one
piece of music differ in the last number of their name.
"""

from itertools import cycle
from pathlib import Path

from miniatures.archives import write, zipped
from miniatures.clip import Clip
from miniatures.sound import wav

RECORD = "1290750"
CODES = ("cel", "cla", "flu", "gac", "gel", "org", "pia", "sax", "tru", "vio", "voi")
GENRES = ("[cou_fol]", "[cla]", "[pop_roc]", "[lat_sou]", "[jaz_blu]")
DRUMS = ("[dru]", "[nod]", "")
LICENSE = "CC BY-NC-SA 3.0"
TEST_FOLDERS = {
    "IRMAS-TestingData-Part1": "Part1",
    "IRMAS-TestingData-Part2": "IRTestingData-Part2",
    "IRMAS-TestingData-Part3": "Part3",
}
# Part, piece and excerpt, and what is heard in it.
TEST_EXCERPTS = {
    ("IRMAS-TestingData-Part1", "02 - And The Town Will Sleep-8"): ("gel", "voi"),
    ("IRMAS-TestingData-Part1", "02 - And The Town Will Sleep-11"): ("gel",),
    ("IRMAS-TestingData-Part1", "(02) nameless rain-1"): ("pia", "cel", "vio"),
    ("IRMAS-TestingData-Part2", "Ann Other - Slow Boat.wav-4"): ("sax", "tru"),
    ("IRMAS-TestingData-Part2", "08 Largo-16"): ("flu", "cla"),
    ("IRMAS-TestingData-Part3", "quartet no. 3-2"): ("vio", "cel"),
    ("IRMAS-TestingData-Part3", "campfire-5"): ("gac", "org", "voi"),
}


def make(places: Path) -> list[Clip]:
    """Write the archive of training excerpts and the three of testing ones."""
    training = _training()
    files = {clip.path: wav(clip.labels[0], 3, take=i, stereo=True) for i, clip in enumerate(training)}
    files["IRMAS-TrainingData/README.txt"] = b"About this data set.\n"
    write(places / "zenodo" / RECORD / "IRMAS-TrainingData.zip", zipped(files))
    testing = [_test_clip(*key, codes) for key, codes in TEST_EXCERPTS.items()]
    for part in TEST_FOLDERS:
        own = [clip for clip in testing if clip.path.startswith(part)]
        write(places / "zenodo" / RECORD / f"{part}.zip", zipped(_test_files(own)))
    return training + testing


def _training() -> list[Clip]:
    """Three excerpts of two recordings a code; the numbers of recordings go on from code to code."""
    clips = []
    flags, genres = cycle(DRUMS), cycle(GENRES)
    for number, code in enumerate(CODES):
        for recording, excerpt in ((2 * number + 1, 1), (2 * number + 1, 2), (2 * number + 2, 1)):
            clips.append(_training_clip(code, next(flags), next(genres), recording, excerpt))
    return clips


def _training_clip(code: str, flag: str, genre: str, recording: int, excerpt: int) -> Clip:
    front = f"{excerpt:03d}__" if flag else ""
    name = f"{front}[{code}]{flag}{genre}{recording:04d}__{excerpt}.wav"
    return Clip(
        "irmas",
        f"IRMAS-TrainingData/{code}/{name}",
        (code, "dru") if flag == "[dru]" else (code,),
        absent=("dru",) if flag == "[nod]" else (),
        split="train",
        group=f"{recording:04d}",
        license=LICENSE,
    )


def _test_clip(part: str, excerpt: str, codes: tuple[str, ...]) -> Clip:
    return Clip(
        "irmas",
        f"{part}/{TEST_FOLDERS[part]}/{excerpt}.wav",
        codes,
        absent=tuple(code for code in CODES if code not in codes),
        split="test",
        group=excerpt.rpartition("-")[0],
        license=LICENSE,
    )


def _test_files(clips: list[Clip]) -> dict[str, bytes]:
    sounds = {clip.path: wav("+".join(clip.labels), 5, stereo=True) for clip in clips}
    lists = {
        clip.path.removesuffix(".wav") + ".txt": "".join(f"{code}\t\n" for code in clip.labels).encode()
        for clip in clips
    }
    return sounds | lists
