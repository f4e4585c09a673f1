"""NSynth: 305,979 notes of 4 s by 1,006 instruments from sample libraries.

wav, 16 kHz, mono: `nsynth-<part>/audio/<note>.wav` for the parts train (289,205), valid (12,678) and test
(4,096), facts by note in `nsynth-<part>/examples.json`. Names:
`<family>_<source>_<instrument>-<pitch>-<velocity>`. Licence: CC BY 4.0.

- Truth: `instrument_family_str` and `instrument_source_str` together; nothing else sounds.
- Split: the official one. No instrument of train is in the others; where one is in valid and test,
  its test notes stay and the others are left out.
- Group: the instrument, `instrument_str`.
"""

from collections.abc import Iterator
from pathlib import Path

from timbre.data.clips import Clip, Meaning, Part, one_of, sounds
from timbre.data.dataset import Remote, meaning_of, read_json
from timbre.data.label_maps import closed_truth

TITLE = "NSynth"
HOME = "https://magenta.tensorflow.org/datasets/nsynth"
_SERVER = "https://storage.googleapis.com/download.magenta.tensorflow.org/datasets/nsynth"
REMOTES = (
    Remote(f"{_SERVER}/nsynth-train.jsonwav.tar.gz", 23_600_000_000),
    Remote(f"{_SERVER}/nsynth-valid.jsonwav.tar.gz", 1_100_000_000),
    Remote(f"{_SERVER}/nsynth-test.jsonwav.tar.gz", 350_000_000),
)
LICENSE = "CC BY 4.0"
CITATION = "J. Engel et al., Neural Audio Synthesis of Musical Notes with WaveNet Autoencoders, ICML 2017."
N_CLIPS = 305_979

_BRASS = ("trumpet", "trombone", "french_horn", "tuba")
_REEDS = ("clarinet", "oboe", "cor_anglais", "bassoon", "saxophone")
_STRINGS = ("violin", "viola", "cello", "double_bass", "string_ensemble")
_MALLETS = ("glockenspiel", "vibraphone", "marimba", "xylophone")
_SYNTHS = ("synth_lead", "synth_pad")
# The source of a note: `acoustic` instruments, `electronic` ones (an electric guitar, a Rhodes) and
# `synthetic` sound. It makes a leaf certain where a family has one leaf of that source. What imitates
# an acoustic family by other means may count for that family or for a synthesizer.
CLASSES: dict[str, Meaning] = {
    "bass_acoustic": one_of("double_bass", "electric_bass"),
    "bass_electronic": sounds("electric_bass"),
    "bass_synthetic": sounds("synth_bass"),
    "brass_acoustic": one_of(*_BRASS),
    "brass_electronic": one_of(*_BRASS, *_SYNTHS),
    "flute_acoustic": one_of("flute", "recorder"),
    "flute_electronic": one_of("flute", "recorder", *_SYNTHS),
    "flute_synthetic": one_of("flute", "recorder", *_SYNTHS),
    "guitar_acoustic": one_of("acoustic_guitar", "ukulele"),
    "guitar_electronic": sounds("electric_guitar"),
    "guitar_synthetic": one_of("acoustic_guitar", "electric_guitar", *_SYNTHS),
    "keyboard_acoustic": one_of("piano", "harpsichord"),
    "keyboard_electronic": one_of("electric_piano", "piano", "harpsichord"),
    "keyboard_synthetic": one_of("piano", "electric_piano", "harpsichord", *_SYNTHS),
    "mallet_acoustic": one_of(*_MALLETS, open=("chime",)),
    "mallet_electronic": one_of(*_MALLETS, "electric_piano", "chime"),
    "mallet_synthetic": one_of(*_MALLETS, "chime", *_SYNTHS),
    "organ_acoustic": sounds("organ"),
    "organ_electronic": sounds("organ"),
    "reed_acoustic": one_of(*_REEDS, open=("harmonica", "accordion")),
    "reed_electronic": one_of(*_REEDS, "harmonica", "accordion", *_SYNTHS),
    "reed_synthetic": one_of(*_REEDS, "harmonica", "accordion", *_SYNTHS),
    "string_acoustic": one_of(*_STRINGS),
    "string_electronic": one_of(*_STRINGS, *_SYNTHS),
    "synth_lead_synthetic": sounds("synth_lead"),
    "vocal_acoustic": sounds("voice"),
    "vocal_electronic": one_of("voice", "choir", *_SYNTHS),
    "vocal_synthetic": one_of("voice", "choir", *_SYNTHS),
}

_PARTS: dict[str, Part] = {"train": "train", "valid": "validation", "test": "test"}


def read(folder: Path) -> Iterator[Clip]:
    """The notes of the parts that are there."""
    for name, part in _PARTS.items():
        examples = folder / f"nsynth-{name}" / "examples.json"
        if not examples.exists():
            continue
        for note, facts in read_json(examples).items():
            label = f"{facts['instrument_family_str']}_{facts['instrument_source_str']}"
            yield Clip(
                path=f"nsynth-{name}/audio/{note}.wav",
                truth=closed_truth(meaning_of(label, CLASSES, examples)),
                group=facts["instrument_str"],
                license=LICENSE,
                kind="note",
                part=part,
            )
