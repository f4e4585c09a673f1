"""What a reader of a data set says of a clip, and what a label says of the leaves of the ontology."""

from dataclasses import dataclass
from typing import Literal

Part = Literal["", "development", "train_or_test", "train", "validation", "test"]
Kind = Literal["note", "one-shot", "phrase", "clip", "speech", "noise", "mix"]


@dataclass(frozen=True)
class Meaning:
    """What a source's label says when it is given to a clip.

    Attributes
    ----------
    present
        Leaves that sound.
    any_of
        At least one of these leaves sounds; one by one they are unknown.
    open
        Leaves that it could be taken for by right, or that may sound beside it: unknown.
    """

    present: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


def sounds(leaf: str, *, open: tuple[str, ...] = ()) -> Meaning:
    """The label names exactly this leaf."""
    return Meaning(present=(leaf,), open=open)


def one_of(*leaves: str, open: tuple[str, ...] = ()) -> Meaning:
    """The label is coarser than the leaves: it names one of these or several."""
    return Meaning(any_of=leaves, open=open)


def resembles(*leaves: str) -> Meaning:
    """The label names a sound outside the ontology that could be taken for these leaves."""
    return Meaning(open=leaves)


NO_INSTRUMENT = Meaning()


@dataclass(frozen=True)
class Truth:
    """What is known of a clip, as leaf ids; leaves that are in none of the three are unknown.

    Attributes
    ----------
    any_of
        Groups of leaves; at least one leaf of each group sounds.
    """

    present: tuple[str, ...]
    absent: tuple[str, ...]
    any_of: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Clip:
    """A recording as its data set describes it.

    Attributes
    ----------
    path
        Relative to the data set's folder.
    group
        Whatever shares a player, an instrument or a recording with another clip has its group.
    kind
        `mix` is music of several sources, which must not be mixed again as if it were one.
    part
        Official side: `development` is to be divided into train and validation. `train_or_test`, which a
        user may say, is not to validate; empty leaves the choice to `timbre.features.splits`.
    recording
        The same in every data set that holds this recording (`freesound:1234`), where it is known.
    dataset
        Filled in by `DataSet.clips`; a reader leaves it empty.
    shippable
        Whether a published model may learn from it.
    problem
        Why nothing is known of it: it is listed and left out. Empty for a clip that can be used.
    """

    path: str
    truth: Truth
    group: str
    license: str
    kind: Kind
    part: Part = ""
    recording: str = ""
    dataset: str = ""
    shippable: bool = True
    problem: str = ""

    @property
    def clip_id(self) -> str:
        """Unique among all data sets."""
        return f"{self.dataset}:{self.path}"
