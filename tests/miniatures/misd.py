"""MISD of Kaggle: one instrument a wav, four classes, one of which is misspelt in the second list.

One archive: `Train_submission/Train_submission/*.wav`, `Test_submission/Test_submission/*.wav`,
`Metadata_Train.csv` and `Metadata_Test.csv` with the columns FileName and Class.
"""

from pathlib import Path

from miniatures.archives import csv_text, write, zipped
from miniatures.clip import Clip
from miniatures.sound import wav

OWNER, NAME = "soumendraprasad", "musical-instruments-sound-dataset"
TRAIN = {
    "Sound_Guitar": ("1-E1-Major 00.wav", "1-E1-Major 01.wav", "3-A2-Major 00.wav", "lick, slow.wav"),
    "Sound_Drum": (
        "hihat-loop-bpm140-107127.wav",
        "jungleloop-87697.wav",
        "beat 0007.wav",
        "new-9-42628.wav",
    ),
    "Sound_Violin": ("bach_01_violin.wav", "bach_02_violin.wav", "V_0012.wav", "V_0013.wav"),
    "Sound_Piano": ("MAPS_MUS-alb_se3.wav", "MAPS_MUS-chpn-p4.wav", "piano (1).wav", "piano (2).wav"),
}
TEST = {
    "Sound_Guiatr": ("a major.wav", "e minor.wav"),
    "Sound_Drum": ("808 loop 2.wav", "fill.wav"),
    "Sound_Violin": ("V_0101.wav", "V_0102.wav"),
    "Sound_Piano": ("piano (3).wav", "piano (4).wav"),
}


def make(places: Path) -> list[Clip]:
    """Write the one archive, as Kaggle hands it out."""
    clips = _clips("Train", TRAIN) + _clips("Test", TEST)
    files = {clip.path: wav(clip.labels[0][:9], 1, take=take) for take, clip in enumerate(clips)}
    files["Metadata_Train.csv"] = _list(TRAIN)
    files["Metadata_Test.csv"] = _list(TEST)
    write(places / "kaggle" / OWNER / f"{NAME}.zip", zipped(files))
    return clips


def _clips(part: str, classes: dict[str, tuple[str, ...]]) -> list[Clip]:
    folder = f"{part}_submission/{part}_submission"
    return [Clip("misd", f"{folder}/{name}", (label,)) for label, names in classes.items() for name in names]


def _list(classes: dict[str, tuple[str, ...]]) -> bytes:
    rows = [(name, label) for label, names in classes.items() for name in names]
    return csv_text("FileName,Class", rows)
