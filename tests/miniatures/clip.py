"""What a correct reader must say of a clip: the facts, in the data set's own words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clip:
    """A recording in a miniature archive.

    Attributes
    ----------
    path
        Below the data set's folder, once every archive is unpacked by its own paths.
    labels, absent
        The data set's own names of what sounds, and of what certainly does not.
    split
        What the data set's makers say: train, validation or test; None where they say nothing.
    group
        What clips must share a side with this one; None where nothing published tells.
    license
        As the data set states it; empty where its archive does not.
    """

    data_set: str
    path: str
    labels: tuple[str, ...]
    absent: tuple[str, ...] = ()
    split: str | None = None
    group: str | None = None
    license: str = ""
