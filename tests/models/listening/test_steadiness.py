import numpy as np
import pytest

from timbre.models.listening.heard import Heard
from timbre.models.listening.seconds import SecondTruth
from timbre.models.listening.steadiness import steadiness
from timbre.taxonomy import OPENMIC

PIANO, FLUTE = OPENMIC.index("piano"), OPENMIC.index("flute")
N_SECONDS = 12


def song(sounds: dict[int, slice], names: dict[int, str], unknown: tuple[tuple[int, int], ...] = ()):
    """A song's truth, and what a tagger names of it: `x` where it does."""
    targets = np.zeros((N_SECONDS, len(OPENMIC)), bool)
    for label, seconds in sounds.items():
        targets[seconds, label] = True
    known = np.ones_like(targets)
    for second, label in unknown:
        known[second, label] = False
    named = np.zeros_like(targets)
    for label, marks in names.items():
        named[:, label] = [mark == "x" for mark in marks]
    return Heard(named.astype(np.float32), named), (SecondTruth(targets, known), 0.0)


def test_passages_their_changes_and_their_entries_are_counted():
    #                 012345678901
    heard, truth = song(
        {PIANO: slice(2, 10), FLUTE: slice(0, 6)},
        {PIANO: "...xx.xxxx..", FLUTE: "..xxxx......"},
    )
    found = steadiness([heard], {0: truth})
    assert found["passages"] == 2
    assert found["named_share"] == pytest.approx((6 + 4) / 14, abs=1e-4)
    assert found["changes_a_minute"] == pytest.approx(60 * (3 + 1) / 14, abs=1e-4)
    # The piano is named a second after it came in; the flute sounds from the beginning, which is no entry.
    assert (found["entries"], found["met_entries_share"]) == (1, 1.0)


def test_short_notes_are_no_passages_and_late_names_miss_the_entry():
    heard, truth = song({PIANO: slice(1, 4), FLUTE: slice(4, 9)}, {FLUTE: "......xxx..."})
    found = steadiness([heard], {0: truth})
    assert (found["passages"], found["entries"], found["met_entries_share"]) == (1, 1, 0.0)


def test_what_may_have_sounded_before_does_not_enter():
    heard, truth = song({PIANO: slice(3, 12)}, {PIANO: "xxxxxxxxxxxx"}, unknown=((2, PIANO),))
    found = steadiness([heard], {0: truth})
    assert (found["passages"], found["entries"], found["met_entries_share"]) == (1, 0, None)
    assert (found["named_share"], found["changes_a_minute"]) == (1.0, 0.0)


def test_without_songs_there_is_nothing_to_say():
    found = steadiness([], {})
    assert (found["passages"], found["named_share"], found["changes_a_minute"]) == (0, None, None)
