"""What sources call their instruments, and which leaves of the ontology they mean.

A name is compared in lower case with spaces and hyphens as underscores. Three kinds of name:
`LEAVES` names a leaf; `OUTSIDE` names a sound that is no leaf, with the leaves that it could be
mistaken for by right (these stay unknown, all others are known absent); an empty name is a sound
without any instrument.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from timbre.taxonomy import BY_ID, INSTRUMENTS

LEAVES: dict[str, str] = {
    **{leaf: leaf for leaf in BY_ID},
    "alto_saxophone": "saxophone",
    "soprano_saxophone": "saxophone",
    "tenor_saxophone": "saxophone",
    "baritone_saxophone": "saxophone",
    "bass_clarinet": "clarinet",
    "contrabassoon": "bassoon",
    "english_horn": "cor_anglais",
    "guitar": "acoustic_guitar",  # the sources that say no more than this mean the acoustic one
    "violin_or_fiddle": "violin",
    "pipe_organ": "organ",
    "synthesizer": "synth_lead",
    "bass_drum": "kick_drum",
    "rimshot": "snare_drum",
    "timbales": "tom",
    "bongos": "hand_drum",
    "conga": "hand_drum",
    "darbuka": "hand_drum",
    "tabla": "hand_drum",
    "frame_drum": "hand_drum",
    "mridangam": "hand_drum",
    "drums": "drum_kit",
    "claves": "woodblock",
    "slit_drum": "woodblock",
    "tubular_bells": "chime",
    "wind_chimes": "chime",
}
OUTSIDE: dict[str, tuple[str, ...]] = {
    "kalimba": ("marimba", "xylophone", "vibraphone", "glockenspiel"),
    "khaen": ("harmonica", "accordion", "organ"),
    "sleigh_bells": ("tambourine", "chime", "shaker"),
    "theremin": ("synth_lead", "synth_pad", "voice", "violin"),
}
# A clip of the first is a clip of the second by the meaning of the words.
IMPLIES: dict[str, tuple[str, ...]] = {
    "choir": ("voice",),
    "closed_hi_hat": ("hi_hat",),
    "open_hi_hat": ("hi_hat",),
    "tr808_kick_drum": ("kick_drum",),
}
# A clip that is said to hold the first may hold the others: they stay unknown.
MAY_HOLD: dict[str, tuple[str, ...]] = {
    "voice": ("choir",),
    "hi_hat": ("closed_hi_hat", "open_hi_hat"),
    "kick_drum": ("tr808_kick_drum",),
    "synth_lead": ("synth_pad", "synth_bass"),
    "synth_pad": ("synth_lead",),
    "string_ensemble": ("violin", "viola", "cello", "double_bass"),
    "drum_kit": (
        "kick_drum", "tr808_kick_drum", "snare_drum", "tom", "hi_hat", "closed_hi_hat", "open_hi_hat",
        "cymbal", "clap", "cowbell", "tambourine", "shaker",
    ),
}  # fmt: skip
NO_INSTRUMENT = ""


class UnmappedLabel(KeyError):
    """A source's name for which there is no entry in any map."""


@dataclass(frozen=True)
class Truth:
    """What is known of a clip: leaves that sound, leaves that certainly do not; the rest is unknown."""

    present: tuple[str, ...]
    absent: tuple[str, ...]


def normalized(name: str) -> str:
    """A source's name in the form of this file's keys."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def truth_of(names: list[str], own_map: Mapping[str, str] | None = None) -> Truth:
    """What a clip with these source names holds.

    Parameters
    ----------
    names
        The source's names for what is heard; `[""]` for a sound without instrument.
    own_map
        A user's own names, which go before the tables above: name to leaf.

    Raises
    ------
    UnmappedLabel
        With the name that no map holds.
    """
    present: set[str] = set()
    unknown: set[str] = set()
    for name in map(normalized, names):
        leaf = (own_map or {}).get(name, LEAVES.get(name))
        if leaf is not None:
            present |= {leaf, *IMPLIES.get(leaf, ())}
        elif name in OUTSIDE:
            unknown |= set(OUTSIDE[name])
        elif name != NO_INSTRUMENT:
            raise UnmappedLabel(name)
    return truth_of_leaves(present, unknown)


def truth_of_leaves(present: set[str], unknown: set[str] | None = None) -> Truth:
    """The truth of a clip in which exactly these leaves sound, less what their names leave open."""
    open_leaves = set(unknown or ()).union(*(MAY_HOLD.get(leaf, ()) for leaf in present))
    leaves = [instrument.id for instrument in INSTRUMENTS]
    return Truth(
        tuple(leaf for leaf in leaves if leaf in present),
        tuple(leaf for leaf in leaves if leaf not in present and leaf not in open_leaves),
    )
