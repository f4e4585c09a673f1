import pytest

from timbre.data import label_maps
from timbre.taxonomy import BY_ID


def test_every_name_in_the_maps_is_a_leaf():
    named = set(label_maps.LEAVES.values())
    for table in (label_maps.IMPLIES, label_maps.MAY_HOLD):
        named |= set(table) | {leaf for leaves in table.values() for leaf in leaves}
    named |= {leaf for leaves in label_maps.OUTSIDE.values() for leaf in leaves}
    assert named <= set(BY_ID)


def test_a_source_name_means_its_leaf_and_nothing_else():
    truth = label_maps.truth_of(["Violin_or_fiddle"])
    assert truth.present == ("violin",)
    assert set(truth.absent) == set(BY_ID) - {"violin"}


def test_a_narrower_name_implies_the_wider_one():
    assert label_maps.truth_of(["closed hi-hat"]).present == ("closed_hi_hat", "hi_hat")


def test_a_wider_name_leaves_the_narrower_ones_open():
    truth = label_maps.truth_of(["Hi_hat"])
    open_leaves = set(BY_ID) - set(truth.present) - set(truth.absent)
    assert truth.present == ("hi_hat",)
    assert open_leaves == {"closed_hi_hat", "open_hi_hat"}


def test_noise_is_no_instrument_and_an_outsider_leaves_its_likes_open():
    assert label_maps.truth_of([""]) == label_maps.Truth((), tuple(BY_ID))
    kalimba = label_maps.truth_of(["kalimba"])
    assert kalimba.present == ()
    assert "marimba" not in kalimba.absent
    assert "violin" in kalimba.absent


def test_ones_own_names_come_first_and_an_unmapped_one_is_named():
    assert label_maps.truth_of(["808"], {"808": "tr808_kick_drum"}).present == (
        "kick_drum",
        "tr808_kick_drum",
    )
    with pytest.raises(label_maps.UnmappedLabel, match="vuvuzela"):
        label_maps.truth_of(["vuvuzela"])
