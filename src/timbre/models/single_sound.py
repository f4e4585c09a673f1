"""One note or one-shot: one name for all of it."""

from dataclasses import dataclass

from timbre.models.tagged_song import TaggedSong

BELOW_S = 3.0  # a shorter sound is taken for one note or one-shot until somebody says otherwise
_DIGITS = 5


@dataclass(frozen=True)
class SingleSound:
    """The likeliest instrument, and how sure the model is of each.

    Attributes
    ----------
    confidences
        Label to mean probability over the seconds of the sound, likeliest first. Each says for itself how
        sure it is that the instrument sounds, so they need not add up to 1: a sound that the model knows
        nothing of has low ones everywhere.
    """

    instrument: str
    confidences: dict[str, float]


def single_sound(song: TaggedSong) -> SingleSound:
    """Name a sound by its highest mean; `song` has at least one segment."""
    means = song.probabilities.mean(axis=0)
    ranked = {song.labels[i]: round(float(means[i]), _DIGITS) for i in (-means).argsort(kind="stable")}
    return SingleSound(next(iter(ranked)), ranked)
