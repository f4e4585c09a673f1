"""What sources call their instruments, and which leaves of the ontology they mean.

A name is compared in lower case with spaces and hyphens as underscores. Three kinds of name:
`LEAVES` names a leaf; `OUTSIDE` names a sound that is no leaf, with the leaves that it could be
mistaken for by right (these stay unknown, all others are known absent); an empty name is a sound
without any instrument.
"""

from collections.abc import Iterable
from functools import cache

from timbre.data.clips import NO_INSTRUMENT, Meaning, Truth, resembles, sounds
from timbre.taxonomy import BY_ID, DRUM_KIT, INSTRUMENTS, KIT_PIECES

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
    "kick": "kick_drum",
    "808": "tr808_kick_drum",
    "808_kick": "tr808_kick_drum",
    "snare": "snare_drum",
    "open_hat": "open_hi_hat",
    "closed_hat": "closed_hi_hat",
    "hihat": "hi_hat",
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
    "drum_kit": (*KIT_PIECES, "clap", "cowbell", "tambourine", "shaker"),
}  # fmt: skip
# What a kit is made of; a clap or a cowbell may be struck with it, but is no part of it.
DRUM_KIT_PIECES = (DRUM_KIT, *KIT_PIECES)
MEANINGS: dict[str, Meaning] = {
    **{name: sounds(leaf) for name, leaf in LEAVES.items()},
    **{name: resembles(*leaves) for name, leaves in OUTSIDE.items()},
    "": NO_INSTRUMENT,
}


def normalized(name: str) -> str:
    """A source's name in the form of this file's keys."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def truth_of_leaves(present: Iterable[str]) -> Truth:
    """The truth of a clip in which these leaves sound and none else, less what their names leave open."""
    return closed_truth(Meaning(present=tuple(present)))


@cache
def closed_truth(*heard: Meaning) -> Truth:
    """What a clip holds in which nothing sounds but what its labels name: the rest is absent."""
    present, any_of = _sounding(heard, absent=set())
    named = present.union(*(meaning.any_of for meaning in heard))
    left_open = named.union(*(meaning.open for meaning in heard))
    left_open |= {other for leaf in named for other in (*_implied(leaf), *MAY_HOLD.get(leaf, ()))}
    return _truth(present, set(BY_ID) - left_open, any_of)


def narrowed(truth: Truth, not_there: Iterable[str]) -> Truth:
    """The truth with leaves known absent that the names alone would leave open."""
    absent = {*truth.absent, *not_there} - set(truth.present)
    groups = [Meaning(any_of=group) for group in truth.any_of]
    present, any_of = _sounding([Meaning(present=truth.present), *groups], absent)
    return _truth(present, absent - present, any_of)


def partial_truth(heard: Iterable[Meaning], not_heard: Iterable[Meaning] = ()) -> Truth:
    """What is known of a clip that was only asked for some labels: the rest is unknown.

    A label that was not heard makes all of its leaves absent, and the narrower ones with them.
    """
    denied = {leaf for meaning in not_heard for leaf in (*meaning.present, *meaning.any_of)}
    absent = {leaf for leaf in BY_ID if denied & {leaf, *_implied(leaf)}}
    present, any_of = _sounding(heard, absent)
    return _truth(present, absent - present, any_of)


def _sounding(heard: Iterable[Meaning], absent: set[str]) -> tuple[set[str], list[set[str]]]:
    """Leaves that certainly sound, and the groups of which at least one does.

    A group of which all but one are absent names that one; one that holds a present leaf says nothing.
    """
    heard = list(heard)
    groups = [set(meaning.any_of) - absent for meaning in heard if meaning.any_of]
    certain = [leaf for meaning in heard for leaf in meaning.present]
    certain += [leaf for group in groups if len(group) == 1 for leaf in group]
    present = {implied for leaf in certain for implied in (leaf, *_implied(leaf))}
    return present, [group for group in groups if group and not group & present]


def _implied(leaf: str) -> tuple[str, ...]:
    return IMPLIES.get(leaf, ())


def _truth(present: set[str], absent: set[str], any_of: list[set[str]]) -> Truth:
    return Truth(_in_order(present), _in_order(absent), tuple(_in_order(group) for group in any_of))


def _in_order(leaves: set[str]) -> tuple[str, ...]:
    return tuple(instrument.id for instrument in INSTRUMENTS if instrument.id in leaves)
