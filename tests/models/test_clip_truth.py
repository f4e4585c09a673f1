import numpy as np
import pandas as pd

from timbre.models.clip_truth import level_members, truth_of_rows, truth_of_windows
from timbre.taxonomy import BY_ID, LEVELS, level_of

CYMBALS = ("closed_hi_hat", "open_hi_hat", "hi_hat", "cymbal")


def said(level: str, *rows: dict) -> list[dict[str, bool | None]]:
    """What each row says of every label of a level: there, not there, or unknown."""
    empty = {"present": [], "absent": [], "any_of": []}
    truth = truth_of_rows(pd.DataFrame([empty | row for row in rows]))
    members = level_members(level)
    labels = list(members)
    targets, known = truth.at(labels, members)
    return [
        {label: bool(t) if k else None for label, t, k in zip(labels, *row, strict=True)}
        for row in zip(targets, known, strict=True)
    ]


def test_a_coarser_label_is_present_with_any_of_its_leaves():
    (row,) = said("openmic", {"present": ["electric_guitar"], "absent": ["acoustic_guitar", "piano"]})
    assert row["guitar"] is True
    assert row["piano"] is None  # an electric piano might play
    assert row["violin"] is None


def test_it_is_absent_when_all_of_its_leaves_are():
    rows = said("openmic", {"absent": [*CYMBALS]}, {"absent": [*CYMBALS[1:]]})
    assert [row["cymbals"] for row in rows] == [False, None]


def test_one_of_several_sounds_counts_where_all_of_them_have_one_name():
    guitars = {"any_of": ["acoustic_guitar|electric_guitar"]}
    assert said("leaf", guitars)[0]["acoustic_guitar"] is None
    for level, label in (("openmic", "guitar"), ("nsynth", "guitar"), ("family", "plucked")):
        assert said(level, guitars)[0][label] is True
    irmas = said("irmas", guitars)[0]  # which keeps the two guitars apart
    assert (irmas["gac"], irmas["gel"]) == (None, None)
    mixed = said("openmic", {"any_of": ["piano|organ"]})[0]
    assert (mixed["piano"], mixed["organ"]) == (None, None)
    assert said("family", {"any_of": ["piano|organ"]})[0]["keyboards"] is True


def test_every_level_has_all_of_its_labels():
    for level in LEVELS:
        names = {level_of(leaf, level) for leaf in BY_ID} - {None}
        assert set(level_members(level)) == names


def test_windows_say_of_a_coarser_label_what_their_leaves_say():
    labels = ("piano", "electric_piano", "violin")
    targets = np.array([[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]], bool)
    known = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 1], [0, 0, 1]], bool)
    any_of = np.zeros((4, 1, 3), bool)
    any_of[3, 0, :2] = True  # one of the pianos
    names = ["piano", "violin", "guitar"]
    truth = truth_of_windows(targets, known, any_of, labels)
    present, told = truth.at(names, level_members("openmic"))
    np.testing.assert_array_equal(present, [[1, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]])
    # No window knows of guitars.
    np.testing.assert_array_equal(told, [[1, 1, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])
