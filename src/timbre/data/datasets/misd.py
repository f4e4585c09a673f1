"""MISD, Musical Instrument's Sound Dataset: recordings of one instrument each, four kinds.

About 2,700 wav: drum 700, guitar 700, violin 700, piano 528 to learn from and 80 to test.
`Train_submission/Train_submission/<FileName>` and `Test_submission/Test_submission/<FileName>`, labels in
`Metadata_Train.csv` and `Metadata_Test.csv` (FileName, Class). Licence: as the page on Kaggle states it.

- Truth: a guitar is acoustic or electric, a drum is any part of a kit; the tables do not say which.
- Split and group: the files name neither their players nor the recordings that they were cut from, so
  all of an instrument is one group, and `Test_submission` is not taken for a test of its own.
"""

from collections.abc import Iterator
from pathlib import Path

from timbre.data.clips import Clip, Meaning, one_of, sounds
from timbre.data.csv_rows import read_rows
from timbre.data.dataset import Remote, meaning_of
from timbre.data.label_maps import DRUM_KIT_PIECES, closed_truth

TITLE = "Musical Instrument's Sound Dataset"
HOME = "https://www.kaggle.com/datasets/soumendraprasad/musical-instruments-sound-dataset"
REMOTES = (Remote("kaggle:soumendraprasad/musical-instruments-sound-dataset", 1_100_000_000),)
LICENSE = "see the page on Kaggle"
CITATION = "S. Prasad, Musical Instrument's Sound Dataset, Kaggle."
N_CLIPS = None  # no two figures of it agree
CLASSES: dict[str, Meaning] = {
    "Sound_Drum": one_of(*DRUM_KIT_PIECES),
    "Sound_Guitar": one_of("acoustic_guitar", "electric_guitar"),
    "Sound_Guiatr": one_of("acoustic_guitar", "electric_guitar"),  # as the table spells some of them
    "Sound_Piano": sounds("piano"),
    "Sound_Violin": sounds("violin"),
}


def read(folder: Path) -> Iterator[Clip]:
    """The clips of both tables."""
    for part in ("Train", "Test"):
        table = folder / f"Metadata_{part}.csv"
        for row in read_rows(table, ("FileName", "Class")):
            yield Clip(
                path=f"{part}_submission/{part}_submission/{row['FileName']}",
                truth=closed_truth(meaning_of(row["Class"], CLASSES, table)),
                group=row["Class"].replace("Guiatr", "Guitar"),
                license=LICENSE,
                kind="clip",
            )
