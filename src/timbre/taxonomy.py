"""The instruments: one ontology that every data set, model and page shares.

A *leaf* is what a model is trained to name. Each has a family (for colour and order), perhaps a
parent (a group that musicians name: guitar, drums), and its counterparts in three published
vocabularies: OpenMIC-2018 (20 strings, also those of MIREX 2026), IRMAS (11 codes) and NSynth
(11 families). `None` means that the vocabulary has no such instrument, and the leaf is then left
out at that level. Where the three name groups, AudioSet's ontology decides who belongs to them
(an electric piano is a piano, a hi-hat is a cymbal), since OpenMIC's labels come from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OPENMIC = (
    "accordion", "banjo", "bass", "cello", "clarinet", "cymbals", "drums", "flute", "guitar",
    "mallet_percussion", "mandolin", "organ", "piano", "saxophone", "synthesizer", "trombone",
    "trumpet", "ukulele", "violin", "voice",
)  # fmt: skip
IRMAS = ("cel", "cla", "flu", "gac", "gel", "org", "pia", "sax", "tru", "vio", "voi")
NSYNTH = (
    "bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string",
    "synth_lead", "vocal",
)  # fmt: skip
LEVELS = ("leaf", "family", "openmic", "irmas", "nsynth")

# Families in the order of the page, with the hue of each: Okabe and Ito's eight colours, which
# stay apart for colour-blind eyes (their black became a grey that is legible on both themes).
FAMILIES: dict[str, tuple[str, str]] = {
    "voice": ("Voice", "#CC79A7"),
    "strings": ("Bowed strings", "#D55E00"),
    "plucked": ("Plucked strings", "#E69F00"),
    "keyboards": ("Keyboards", "#0072B2"),
    "woodwinds": ("Woodwinds", "#009E73"),
    "brass": ("Brass", "#F0E442"),
    "percussion": ("Percussion", "#8C8C8C"),
    "electronic": ("Electronic", "#56B4E9"),
}


DRUM_KIT = "drum_kit"
KIT_PIECES = (
    "kick_drum", "snare_drum", "closed_hi_hat", "open_hi_hat", "hi_hat", "cymbal", "tom", "tr808_kick_drum",
)  # fmt: skip


@dataclass(frozen=True)
class Instrument:
    """One leaf of the ontology; the fields are described at the top of this module."""

    id: str
    name: str
    family: str
    parent: str | None = None
    openmic: str | None = None
    irmas: str | None = None
    nsynth: str | None = None

    @property
    def colour(self) -> str:
        """The colour of the family, `#RRGGBB`."""
        return FAMILIES[self.family][1]

    @property
    def piece_of(self) -> str | None:
        """The leaf that this one is played on as a part of: where that is named, this goes without saying."""
        return DRUM_KIT if self.id in KIT_PIECES else None


_I = Instrument
INSTRUMENTS: tuple[Instrument, ...] = (
    _I("voice", "Voice", "voice", None, "voice", "voi", "vocal"),
    _I("choir", "Choir", "voice", "voice", "voice", "voi", "vocal"),
    _I("violin", "Violin", "strings", "strings", "violin", "vio", "string"),
    _I("viola", "Viola", "strings", "strings", None, None, "string"),
    _I("cello", "Cello", "strings", "strings", "cello", "cel", "string"),
    _I("double_bass", "Double bass", "strings", "bass", "bass", None, "bass"),
    _I("string_ensemble", "String ensemble", "strings", "strings", None, None, "string"),
    _I("acoustic_guitar", "Acoustic guitar", "plucked", "guitar", "guitar", "gac", "guitar"),
    _I("electric_guitar", "Electric guitar", "plucked", "guitar", "guitar", "gel", "guitar"),
    _I("electric_bass", "Electric bass", "plucked", "bass", "bass", None, "bass"),
    _I("banjo", "Banjo", "plucked", None, "banjo"),
    _I("mandolin", "Mandolin", "plucked", None, "mandolin"),
    _I("ukulele", "Ukulele", "plucked", None, "ukulele", None, "guitar"),
    _I("harp", "Harp", "plucked"),
    _I("sitar", "Sitar", "plucked"),
    _I("piano", "Piano", "keyboards", None, "piano", "pia", "keyboard"),
    _I("electric_piano", "Electric piano", "keyboards", "piano", "piano", None, "keyboard"),
    _I("harpsichord", "Harpsichord", "keyboards", None, None, None, "keyboard"),
    _I("organ", "Organ", "keyboards", None, "organ", "org", "organ"),
    _I("accordion", "Accordion", "keyboards", None, "accordion"),
    _I("flute", "Flute", "woodwinds", None, "flute", "flu", "flute"),
    _I("recorder", "Recorder", "woodwinds", None, None, None, "flute"),
    _I("clarinet", "Clarinet", "woodwinds", None, "clarinet", "cla", "reed"),
    _I("oboe", "Oboe", "woodwinds", None, None, None, "reed"),
    _I("cor_anglais", "Cor anglais", "woodwinds", None, None, None, "reed"),
    _I("bassoon", "Bassoon", "woodwinds", None, None, None, "reed"),
    _I("saxophone", "Saxophone", "woodwinds", None, "saxophone", "sax", "reed"),
    _I("harmonica", "Harmonica", "woodwinds"),
    _I("trumpet", "Trumpet", "brass", None, "trumpet", "tru", "brass"),
    _I("trombone", "Trombone", "brass", None, "trombone", None, "brass"),
    _I("french_horn", "French horn", "brass", None, None, None, "brass"),
    _I("tuba", "Tuba", "brass", None, None, None, "brass"),
    _I("kick_drum", "Kick drum", "percussion", "drums", "drums"),
    _I("tr808_kick_drum", "808 kick", "percussion", "drums", "drums"),
    _I("snare_drum", "Snare drum", "percussion", "drums", "drums"),
    _I("tom", "Tom", "percussion", "drums", "drums"),
    _I("closed_hi_hat", "Closed hi-hat", "percussion", "hi_hat", "cymbals"),
    _I("open_hi_hat", "Open hi-hat", "percussion", "hi_hat", "cymbals"),
    _I("hi_hat", "Hi-hat", "percussion", "drums", "cymbals"),
    _I("cymbal", "Cymbal", "percussion", "drums", "cymbals"),
    _I("drum_kit", "Drum kit", "percussion", "drums", "drums"),
    _I("clap", "Hand clap", "percussion"),
    _I("hand_drum", "Hand drum", "percussion", "drums", "drums"),
    _I("timpani", "Timpani", "percussion", "drums", "drums"),
    _I("tambourine", "Tambourine", "percussion"),
    _I("shaker", "Shaker", "percussion"),
    _I("cowbell", "Cowbell", "percussion"),
    _I("woodblock", "Woodblock", "percussion"),
    _I("triangle", "Triangle", "percussion"),
    _I("gong", "Gong", "percussion"),
    _I("chime", "Chimes", "percussion"),
    _I("glockenspiel", "Glockenspiel", "percussion", "mallets", "mallet_percussion", None, "mallet"),
    _I("vibraphone", "Vibraphone", "percussion", "mallets", "mallet_percussion", None, "mallet"),
    _I("marimba", "Marimba", "percussion", "mallets", "mallet_percussion", None, "mallet"),
    _I("xylophone", "Xylophone", "percussion", "mallets", "mallet_percussion", None, "mallet"),
    _I("synth_lead", "Synth lead", "electronic", "synthesizer", "synthesizer", None, "synth_lead"),
    _I("synth_pad", "Synth pad", "electronic", "synthesizer", "synthesizer"),
    _I("synth_bass", "Synth bass", "electronic", "bass", "bass", None, "bass"),
)
BY_ID: dict[str, Instrument] = {instrument.id: instrument for instrument in INSTRUMENTS}


class UnknownLabel(KeyError):
    """A label that the ontology does not hold."""


def instrument(label: str) -> Instrument:
    """The instrument with this id.

    Raises
    ------
    UnknownLabel
        With the label in its text.
    """
    try:
        return BY_ID[label]
    except KeyError:
        raise UnknownLabel(f"unknown instrument label: {label!r}") from None


def level_of(label: str, level: str) -> str | None:
    """What `label` is called at one of `LEVELS`; None where it has no counterpart there."""
    found = instrument(label)
    if level == "leaf":
        return found.id
    if level not in LEVELS:
        raise ValueError(f"unknown level {level!r}; choose one of {', '.join(LEVELS)}")
    value: str | None = getattr(found, level)
    return value


def level_labels(leaves: Sequence[str], level: str) -> list[str]:
    """The labels that `leaves` reach at `level`, in that vocabulary's own order."""
    if level == "leaf":
        return list(leaves)
    reached = {level_of(leaf, level) for leaf in leaves}
    order = {"family": tuple(FAMILIES), "openmic": OPENMIC, "irmas": IRMAS, "nsynth": NSYNTH}[level]
    return [name for name in order if name in reached]


def to_level(
    probabilities: NDArray[np.float32], leaves: Sequence[str], level: str
) -> tuple[list[str], NDArray[np.float32]]:
    """Reduce leaf probabilities to a coarser level by the maximum over the leaves that map to it.

    Parameters
    ----------
    probabilities
        `(..., n_leaves)`, in the order of `leaves`.

    Returns
    -------
    labels, probabilities
        The labels of that level which at least one leaf reaches, and `(..., n_labels)`.
    """
    names = level_labels(leaves, level)
    if level == "leaf":
        return names, probabilities
    columns = [[i for i, leaf in enumerate(leaves) if level_of(leaf, level) == name] for name in names]
    if not columns:
        return [], probabilities[..., :0]
    return names, np.stack([probabilities[..., c].max(axis=-1) for c in columns], axis=-1)
