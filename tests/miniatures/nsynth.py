"""NSynth: notes of 4 s at 16 kHz; three archives `nsynth-<part>/examples.json` and `.../audio/*.wav`.

A note's name is `<family>_<source>_<number>-<pitch>-<velocity>`, what stands before the pitch is its
instrument. Instruments to train on are in no other part; validation and test share instruments, and
neither has a synth lead.
"""

import json
from pathlib import Path

from miniatures.archives import tarred, write
from miniatures.clip import Clip
from miniatures.sound import wav

PLACE = "mirror/storage.googleapis.com/download.magenta.tensorflow.org/datasets/nsynth"
LICENSE = "CC BY 4.0"
NOTE_S, RATE_HZ = 4, 16_000
PARTS = {"train": "train", "valid": "validation", "test": "test"}
FAMILIES = (
    "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string", "synth_lead",
    "vocal",
)  # fmt: skip
SOURCES = ("acoustic", "electronic", "synthetic")
TRAIN = (
    "bass_acoustic_003", "bass_electronic_018", "bass_synthetic_033", "brass_acoustic_000",
    "flute_acoustic_001", "flute_synthetic_005", "guitar_acoustic_000", "guitar_electronic_003",
    "keyboard_acoustic_009", "keyboard_electronic_000", "keyboard_synthetic_005", "mallet_acoustic_002",
    "mallet_synthetic_001", "organ_acoustic_000", "organ_electronic_004", "reed_acoustic_001",
    "string_acoustic_000", "synth_lead_synthetic_000", "vocal_acoustic_002", "vocal_synthetic_001",
)  # fmt: skip
VALID = (
    "bass_electronic_025", "brass_acoustic_006", "flute_acoustic_002", "guitar_acoustic_010",
    "keyboard_electronic_001", "mallet_acoustic_062", "organ_electronic_001", "reed_acoustic_011",
    "string_acoustic_012", "vocal_synthetic_003",
)  # fmt: skip
# All but these are played in the test part alone.
ALSO_IN_TEST = ("brass_acoustic_006", "guitar_acoustic_010", "keyboard_electronic_001")
TEST = (
    *ALSO_IN_TEST,
    "bass_synthetic_034", "flute_acoustic_012", "mallet_acoustic_047", "organ_electronic_113",
    "reed_acoustic_023", "string_acoustic_056", "vocal_acoustic_000",
)  # fmt: skip


def make(places: Path) -> list[Clip]:
    """Write the three archives: two notes an instrument."""
    clips = []
    for part, instruments in zip(PARTS, (TRAIN, VALID, TEST), strict=True):
        notes = [f"{instrument}-{played}" for instrument in instruments for played in _played(part)]
        files = {f"nsynth-{part}/audio/{note}.wav": _wav(note) for note in notes}
        files[f"nsynth-{part}/examples.json"] = _examples(notes)
        write(places / PLACE / f"nsynth-{part}.jsonwav.tar.gz", tarred(files))
        clips += [_clip(part, note) for note in notes]
    return clips


def _played(part: str) -> tuple[str, str]:
    """Pitch and velocity of two notes; no note is in two parts."""
    low = 40 + 5 * list(PARTS).index(part)
    return f"{low:03d}-050", f"{low + 12:03d}-100"


def _wav(note: str) -> bytes:
    instrument, pitch, _ = note.rsplit("-", 2)
    return wav(instrument, NOTE_S, RATE_HZ, take=int(pitch))


def _family(instrument: str) -> tuple[str, str]:
    """`synth_lead_synthetic_000` is a synth_lead, and synthetic."""
    family, source, _ = instrument.rsplit("_", 2)
    return family, source


def _clip(part: str, note: str) -> Clip:
    instrument = note.rsplit("-", 2)[0]
    return Clip(
        "nsynth",
        f"nsynth-{part}/audio/{note}.wav",
        _family(instrument),
        split=PARTS[part],
        group=instrument,
        license=LICENSE,
    )


def _examples(notes: list[str]) -> bytes:
    return json.dumps({note: _example(number, note) for number, note in enumerate(notes)}, indent=4).encode()


def _example(number: int, note: str) -> dict[str, object]:
    instrument, pitch, velocity = note.rsplit("-", 2)
    family, source = _family(instrument)
    return {
        "note": number,
        "note_str": note,
        "instrument": number // 2,
        "instrument_str": instrument,
        "instrument_family": FAMILIES.index(family),
        "instrument_family_str": family,
        "instrument_source": SOURCES.index(source),
        "instrument_source_str": source,
        "pitch": int(pitch),
        "velocity": int(velocity),
        "sample_rate": RATE_HZ,
        "qualities": [0] * 10,
        "qualities_str": [],
    }
