import re

import numpy as np
import pytest

from timbre.taxonomy import (
    BY_ID,
    FAMILIES,
    INSTRUMENTS,
    IRMAS,
    NSYNTH,
    OPENMIC,
    UnknownLabel,
    instrument,
    level_labels,
    level_of,
    to_level,
)


def test_ids_are_unique_snake_case():
    assert len(BY_ID) == len(INSTRUMENTS)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", one.id) for one in INSTRUMENTS)


def test_every_published_label_is_reached_and_no_other():
    for level, labels in (("openmic", OPENMIC), ("irmas", IRMAS)):
        reached = {getattr(one, level) for one in INSTRUMENTS} - {None}
        assert reached == set(labels)
    assert {one.nsynth for one in INSTRUMENTS} - {None} == set(NSYNTH)
    assert len(OPENMIC) == 20
    assert (len(IRMAS), len(NSYNTH)) == (11, 11)


def test_pieces_of_a_kit_are_drums_and_cymbals():
    pieces = [one for one in INSTRUMENTS if one.piece_of]
    assert {one.piece_of for one in pieces} == {"drum_kit"}
    assert {one.openmic for one in pieces} == {"drums", "cymbals"}
    assert BY_ID["timpani"].piece_of is None


def test_every_instrument_has_a_family_with_a_colour():
    assert {one.family for one in INSTRUMENTS} == set(FAMILIES)
    assert len({colour for _, colour in FAMILIES.values()}) == len(FAMILIES)


def test_a_coarser_level_is_the_maximum_of_its_leaves():
    leaves = ["acoustic_guitar", "electric_guitar", "oboe", "cello"]
    probabilities = np.array([[0.1, 0.7, 0.9, 0.2], [0.3, 0.2, 0.1, 0.8]], np.float32)
    labels, reduced = to_level(probabilities, leaves, "openmic")
    assert labels == ["cello", "guitar"]
    np.testing.assert_array_equal(reduced, np.array([[0.2, 0.7], [0.8, 0.3]], np.float32))
    assert to_level(probabilities, leaves, "leaf")[0] == leaves
    assert level_labels(leaves, "family") == ["strings", "plucked", "woodwinds"]


def test_a_level_that_no_leaf_reaches_is_empty():
    labels, reduced = to_level(np.ones((3, 1), np.float32), ["harp"], "openmic")
    assert (labels, reduced.shape) == ([], (3, 0))


def test_unknown_names_are_named():
    with pytest.raises(UnknownLabel, match="kazoo"):
        instrument("kazoo")
    with pytest.raises(ValueError, match="opus"):
        level_of("harp", "opus")
