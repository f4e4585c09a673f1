"""Philharmonia Orchestra sound samples: about 14,000 single notes of 20 instruments, and percussion.

mp3, one folder an instrument, one more below `percussion`: `<instrument>_<pitch>_<length>_<dynamic>_
<articulation>.mp3` with `s` for sharp (`cello_As3_1_forte_arco-normal.mp3`); percussion has no pitch
(`bass-drum__025_forte_bass-drum-mallet.mp3`). The archive is a zip of zips. Licence: CC BY-SA 3.0.

- Truth: the name is the instrument; nothing else sounds.
- Split and group: one player, one room and one session an instrument, so all of its notes are a group.
- Kind: a struck instrument is a one-shot, and where its length is `phrase` a phrase.
"""

from collections.abc import Iterator
from pathlib import Path

from timbre.data.clips import NO_INSTRUMENT, Clip, Kind, Meaning, resembles, sounds
from timbre.data.dataset import Remote, meaning_of
from timbre.data.label_maps import closed_truth

TITLE = "Philharmonia Orchestra sound samples"
HOME = "https://philharmonia.co.uk/resources/sound-samples/"
REMOTES = (
    Remote(
        "https://philharmonia-assets.s3-eu-west-1.amazonaws.com/uploads/2020/02/12112005/all-samples.zip",
        250_000_000,
    ),
)
LICENSE = "CC BY-SA 3.0"
CITATION = "Philharmonia Orchestra, Sound samples, https://philharmonia.co.uk/resources/sound-samples/."
N_CLIPS = 13_681
_NOTES: dict[str, Meaning] = {
    "banjo": sounds("banjo"),
    "bass-clarinet": sounds("clarinet"),
    "bassoon": sounds("bassoon"),
    "cello": sounds("cello"),
    "clarinet": sounds("clarinet"),
    "contrabassoon": sounds("bassoon"),
    "cor-anglais": sounds("cor_anglais"),
    "double-bass": sounds("double_bass"),
    "english-horn": sounds("cor_anglais"),
    "flute": sounds("flute"),
    "french-horn": sounds("french_horn"),
    "guitar": sounds("acoustic_guitar"),
    "mandolin": sounds("mandolin"),
    "oboe": sounds("oboe"),
    "saxophone": sounds("saxophone"),
    "trombone": sounds("trombone"),
    "trumpet": sounds("trumpet"),
    "tuba": sounds("tuba"),
    "viola": sounds("viola"),
    "violin": sounds("violin"),
}
CLASSES: dict[str, Meaning] = _NOTES | {
    "agogo-bells": resembles("cowbell", "chime", "triangle"),
    "banana-shaker": sounds("shaker"),
    "bass-drum": sounds("kick_drum"),
    "bell-tree": sounds("chime"),
    "cabasa": sounds("shaker"),
    "castanets": resembles("woodblock", "clap"),
    "chinese-cymbal": sounds("cymbal"),
    "chinese-hand-cymbals": sounds("cymbal"),
    "clash-cymbals": sounds("cymbal"),
    "cowbell": sounds("cowbell"),
    "djembe": sounds("hand_drum"),
    "djundjun": sounds("hand_drum", open=("tom",)),  # a West African drum that sticks strike
    "flexatone": resembles("chime", "glockenspiel", "vibraphone"),
    "guiro": resembles("shaker", "woodblock"),
    "lemon-shaker": sounds("shaker"),
    "motor-horn": NO_INSTRUMENT,
    "ratchet": NO_INSTRUMENT,
    "sheeps-toenails": resembles("shaker"),
    "sizzle-cymbal": sounds("cymbal"),
    "sleigh-bells": resembles("tambourine", "chime", "shaker"),
    "snare-drum": sounds("snare_drum"),
    "spring-coil": NO_INSTRUMENT,
    "squeaker": NO_INSTRUMENT,
    "strawberry-shaker": sounds("shaker"),
    "surdo": resembles("kick_drum", "tom", "hand_drum"),
    "suspended-cymbal": sounds("cymbal"),
    "swanee-whistle": resembles("recorder", "flute"),
    "tam-tam": sounds("gong"),
    "tambourine": sounds("tambourine"),
    "tenor-drum": resembles("tom", "snare_drum"),
    "thai-gong": sounds("gong"),
    "tom-toms": sounds("tom"),
    "train-whistle": resembles("recorder"),
    "triangle": sounds("triangle"),
    "vibraslap": resembles("shaker", "woodblock"),
    "washboard": resembles("shaker"),
    "whip": resembles("clap"),
    "wind-chimes": sounds("chime"),
    "woodblock": sounds("woodblock"),
}


def read(folder: Path) -> Iterator[Clip]:
    """Every mp3, wherever the zips in the zip had it."""
    for path in sorted(folder.rglob("*.mp3")):
        instrument = path.stem.partition("_")[0].lower()
        yield Clip(
            path=path.relative_to(folder).as_posix(),
            truth=closed_truth(meaning_of(instrument, CLASSES, path)),
            group=instrument,
            license=LICENSE,
            kind=_kind(instrument, path.stem),
        )


def _kind(instrument: str, name: str) -> Kind:
    if instrument in _NOTES:
        return "note"
    return "phrase" if "_phrase_" in name else "one-shot"
