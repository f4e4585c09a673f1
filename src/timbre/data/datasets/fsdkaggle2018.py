"""FSDKaggle2018: 11,073 clips from Freesound with one of 41 labels each, 19 of them musical.

wav, 44.1 kHz, mono, 16 bit, 0.3 to 30 s. 9,473 clips to learn from
(`FSDKaggle2018.audio_train/<fname>`), 1,600 to test (`FSDKaggle2018.audio_test/<fname>`); labels in
`FSDKaggle2018.meta/train_post_competition.csv` (fname, label, license, freesound_id,
manually_verified) and `test_post_competition_scoring_clips.csv` (fname, label, usage, freesound_id,
license). Licence: by clip, CC0 or CC BY.

- Truth: the label names all that sounds. Those that are no instrument make clips without any.
- Split: the official test clips test. Of the others, those that nobody verified (about a third of
  their labels may be wrong) are only learned from, never measured with.
- Group: the recording on Freesound. Who uploaded it is not in the tables.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from timbre.data.clips import NO_INSTRUMENT, Clip, Meaning, Part, resembles, sounds
from timbre.data.csv_rows import read_rows
from timbre.data.dataset import Remote, meaning_of
from timbre.data.label_maps import closed_truth
from timbre.data.licenses import short_license

TITLE = "FSDKaggle2018"
HOME = "https://zenodo.org/records/2552860"
REMOTES = (
    Remote("zenodo:2552860/FSDKaggle2018.audio_train.zip", 4_400_000_000),
    Remote("zenodo:2552860/FSDKaggle2018.audio_test.zip", 560_000_000),
    Remote("zenodo:2552860/FSDKaggle2018.meta.zip", 120_000),
)
LICENSE = "CC0 or CC BY, by clip"
CITATION = (
    "E. Fonseca et al., General-purpose Tagging of Freesound Audio with AudioSet Labels: Task Description, "
    "Dataset, and Baseline, DCASE 2018."
)
N_CLIPS = 11_073
CLASSES: dict[str, Meaning] = {
    "Acoustic_guitar": sounds("acoustic_guitar"),
    "Applause": resembles("clap"),
    "Bark": NO_INSTRUMENT,
    "Bass_drum": sounds("kick_drum"),
    "Burping_or_eructation": NO_INSTRUMENT,
    "Bus": NO_INSTRUMENT,
    "Cello": sounds("cello"),
    "Chime": sounds("chime"),
    "Clarinet": sounds("clarinet"),
    "Computer_keyboard": NO_INSTRUMENT,
    "Cough": NO_INSTRUMENT,
    "Cowbell": sounds("cowbell"),
    "Double_bass": sounds("double_bass"),
    "Drawer_open_or_close": NO_INSTRUMENT,
    "Electric_piano": sounds("electric_piano"),
    "Fart": NO_INSTRUMENT,
    "Finger_snapping": resembles("clap"),
    "Fireworks": NO_INSTRUMENT,
    "Flute": sounds("flute"),
    "Glockenspiel": sounds("glockenspiel"),
    "Gong": sounds("gong"),
    "Gunshot_or_gunfire": NO_INSTRUMENT,
    "Harmonica": sounds("harmonica"),
    "Hi-hat": sounds("hi_hat"),
    "Keys_jangling": resembles("tambourine", "shaker", "chime"),
    "Knock": NO_INSTRUMENT,
    "Laughter": resembles("voice", "choir"),
    "Meow": NO_INSTRUMENT,
    "Microwave_oven": NO_INSTRUMENT,
    "Oboe": sounds("oboe"),
    "Saxophone": sounds("saxophone"),
    "Scissors": NO_INSTRUMENT,
    "Shatter": NO_INSTRUMENT,
    "Snare_drum": sounds("snare_drum"),
    "Squeak": NO_INSTRUMENT,
    "Tambourine": sounds("tambourine"),
    "Tearing": NO_INSTRUMENT,
    # Ring tones play tunes.
    "Telephone": resembles("synth_lead", "glockenspiel", "chime"),
    "Trumpet": sounds("trumpet"),
    "Violin_or_fiddle": sounds("violin"),
    "Writing": NO_INSTRUMENT,
}

_TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "audio_train": (
        "train_post_competition.csv",
        ("fname", "label", "license", "freesound_id", "manually_verified"),
    ),
    "audio_test": (
        "test_post_competition_scoring_clips.csv",
        ("fname", "label", "license", "freesound_id"),
    ),
}


def read(folder: Path) -> Iterator[Clip]:
    """The clips of both tables."""
    for audio, (name, columns) in _TABLES.items():
        table = folder / "FSDKaggle2018.meta" / name
        for row in read_rows(table, columns):
            yield Clip(
                path=f"FSDKaggle2018.{audio}/{row['fname']}",
                truth=closed_truth(meaning_of(row["label"], CLASSES, table)),
                group=row["freesound_id"],
                license=short_license(row["license"]),
                kind="clip",
                part=_part(row),
                recording=f"freesound:{row['freesound_id']}",
            )


def _part(row: Mapping[str, str]) -> Part:
    if "manually_verified" not in row:
        return "test"
    return "development" if row["manually_verified"] == "1" else "train"
