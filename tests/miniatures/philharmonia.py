"""Philharmonia's samples: one note each, mp3, mono; a zip of zips.

`all-samples/<instrument>.zip` holds `<name>_<pitch>_<length>_<dynamic>_<articulation>.mp3` with sharps
as `s`; `all-samples/percussion.zip` holds a folder an instrument, whose files name no pitch. The
zip of the cor anglais calls its notes `english-horn`. A Mac has left its own notes in `__MACOSX`.
"""

from pathlib import Path

from miniatures.archives import APPLE_DOUBLE, write, zipped
from miniatures.clip import Clip
from miniatures.sound import mp3

PLACE = "mirror/philharmonia-assets.s3-eu-west-1.amazonaws.com/uploads/2020/02/12112005/all-samples.zip"
LICENSE = "CC BY-SA 3.0"
NOTE_S = 0.4
# Zip, word in the file names, articulation.
PITCHED = (
    ("banjo", "banjo", "normal"),
    ("bass clarinet", "bass-clarinet", "normal"),
    ("bassoon", "bassoon", "normal"),
    ("cello", "cello", "arco-normal"),
    ("clarinet", "clarinet", "normal"),
    ("contrabassoon", "contrabassoon", "normal"),
    ("cor anglais", "english-horn", "normal"),
    ("double bass", "double-bass", "pizz-normal"),
    ("flute", "flute", "flutter-tonguing"),
    ("french horn", "french-horn", "con-sord"),
    ("guitar", "guitar", "normal"),
    ("mandolin", "mandolin", "tremolo"),
    ("oboe", "oboe", "normal"),
    ("saxophone", "saxophone", "normal"),
    ("trombone", "trombone", "normal"),
    ("trumpet", "trumpet", "normal"),
    ("tuba", "tuba", "normal"),
    ("viola", "viola", "arco-au-talon"),
    ("violin", "violin", "molto-vibrato"),
)
PITCHES = ("A3", "Cs4")
PERCUSSION = {
    "agogo bells": "025_mezzo-forte_struck-singly",
    "banana shaker": "long_forte_shaken",
    "bass drum": "1_fortissimo_struck-singly",
    "bell tree": "long_forte_glissando",
    "cabasa": "025_mezzo-forte_effect",
    "castanets": "025_mezzo-forte_struck-singly",
    "Chinese cymbal": "05_forte_damped",
    "Chinese hand cymbals": "1_mezzo-forte_struck-together",
    "clash cymbals": "05_forte_damped",
    "cowbell": "025_mezzo-forte_damped",
    "djembe": "05_forte_undamped",
    "djundjun": "05_mezzo-forte_struck-singly",
    "flexatone": "05_forte_shaken",
    "guiro": "05_mezzo-forte_scraped",
    "lemon shaker": "long_forte_shaken",
    "motor horn": "05_forte_squeezed",
    "ratchet": "025_forte_clean",
    "sheeps toenails": "025_mezzo-forte_shaken",
    "sizzle cymbal": "long_mezzo-piano_sticks",
    "sleigh bells": "05_mezzo-forte_shaken",
    "snare drum": "025_forte_with-snares",
    "spring coil": "1_mezzo-forte_glissando",
    "squeaker": "05_forte_squeezed",
    "strawberry shaker": "long_forte_shaken",
    "surdo": "05_forte_damped",
    "suspended cymbal": "1_forte_scraped",
    "swanee whistle": "05_forte_effect",
    "tam-tam": "long_forte_scraped",
    "tambourine": "025_forte_hand",
    "tenor drum": "phrase_forte_damped",
    "Thai gong": "long_forte_damped",
    "tom-toms": "05_mezzo-forte_struck-singly",
    "train whistle": "025_forte_clean",
    "triangle": "long_piano_struck-singly",
    "vibraslap": "05_forte_damped",
    "washboard": "025_forte_scraped",
    "whip": "025_forte_struck-together",
    "wind chimes": "long_mezzo-piano_hand",
    "woodblock": "025_mezzo-forte_struck-singly",
}


def make(places: Path) -> list[Clip]:
    """Write the outer zip, where the orchestra's file host has it."""
    zips = {name: _pitched(name, word, how) for name, word, how in PITCHED}
    zips["percussion"] = [_clip(f"percussion/{name}", _percussion(name), name) for name in PERCUSSION]
    files = {f"all-samples/{name}.zip": zipped(_notes(name, clips)) for name, clips in zips.items()}
    files["__MACOSX/all-samples/._cello.zip"] = APPLE_DOUBLE
    write(places / PLACE, zipped(files))
    return [clip for clips in zips.values() for clip in clips]


def _pitched(name: str, word: str, how: str) -> list[Clip]:
    return [_clip(name, f"{word}_{pitch}_05_mezzo-forte_{how}.mp3", word) for pitch in PITCHES]


def _percussion(name: str) -> str:
    return f"{name.replace(' ', '-')}__{PERCUSSION[name]}.mp3"


def _clip(folder: str, file_name: str, label: str) -> Clip:
    # One player with one instrument in one room: all notes of an instrument belong together.
    return Clip("philharmonia", f"all-samples/{folder}/{file_name}", (label,), group=label, license=LICENSE)


def _notes(name: str, clips: list[Clip]) -> dict[str, bytes]:
    files = {
        clip.path.removeprefix(f"all-samples/{name}/"): mp3(clip.labels[0], NOTE_S, take)
        for take, clip in enumerate(clips)
    }
    first = next(iter(files))
    return files | {f"__MACOSX/{first.rpartition('/')[0]}/._note.mp3".replace("//", "/"): APPLE_DOUBLE}
