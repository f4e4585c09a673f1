import pytest

from timbre.data import label_maps
from timbre.data.clips import NO_INSTRUMENT, Truth, one_of, resembles, sounds
from timbre.data.dataset import meaning_of
from timbre.data.label_maps import (
    MEANINGS,
    closed_truth,
    narrowed,
    normalized,
    partial_truth,
    truth_of_leaves,
)
from timbre.errors import TimbreError
from timbre.taxonomy import BY_ID


def truth_of(*names: str) -> Truth:
    return closed_truth(*(MEANINGS[normalized(name)] for name in names))


def open_leaves(truth: Truth) -> set[str]:
    return set(BY_ID) - set(truth.present) - set(truth.absent)


def test_every_name_in_the_maps_is_a_leaf():
    named = set(label_maps.LEAVES.values()) | set(label_maps.DRUM_KIT_PIECES)
    for table in (label_maps.IMPLIES, label_maps.MAY_HOLD):
        named |= set(table) | {leaf for leaves in table.values() for leaf in leaves}
    named |= {leaf for leaves in label_maps.OUTSIDE.values() for leaf in leaves}
    assert named <= set(BY_ID)


def test_a_source_name_means_its_leaf_and_nothing_else():
    truth = truth_of("Violin_or_fiddle")
    assert truth.present == ("violin",)
    assert set(truth.absent) == set(BY_ID) - {"violin"}


def test_a_narrower_name_implies_the_wider_one():
    assert truth_of("closed hi-hat").present == ("closed_hi_hat", "hi_hat")


def test_a_wider_name_leaves_the_narrower_ones_open():
    truth = truth_of("Hi_hat")
    assert truth.present == ("hi_hat",)
    assert open_leaves(truth) == {"closed_hi_hat", "open_hi_hat"}


def test_noise_is_no_instrument_and_an_outsider_leaves_its_likes_open():
    assert truth_of("") == Truth((), tuple(BY_ID))
    assert closed_truth(NO_INSTRUMENT) == closed_truth() == Truth((), tuple(BY_ID))
    kalimba = closed_truth(resembles("marimba", "vibraphone"))
    assert (kalimba.present, open_leaves(kalimba)) == ((), {"marimba", "vibraphone"})


def test_one_of_several_leaves_each_open_and_all_else_absent():
    truth = closed_truth(one_of("violin", "cello", open=("viola",)))
    assert truth.present == ()
    assert truth.any_of == (("violin", "cello"),)
    assert open_leaves(truth) == {"violin", "cello", "viola"}


def test_a_group_with_narrower_leaves_keeps_what_they_imply_open():
    assert open_leaves(closed_truth(one_of("closed_hi_hat", "cymbal"))) == {
        "closed_hi_hat", "cymbal", "hi_hat",
    }  # fmt: skip


def test_a_group_of_which_one_is_certain_says_nothing_more():
    truth = closed_truth(sounds("violin"), one_of("violin", "cello"))
    assert (truth.present, truth.any_of) == (("violin",), ())
    assert "cello" not in truth.absent


def test_a_partial_truth_denies_what_was_asked_and_no_more():
    truth = partial_truth([sounds("flute")], [one_of("hi_hat", "cymbal")])
    assert truth.present == ("flute",)
    assert set(truth.absent) == {"hi_hat", "cymbal", "closed_hi_hat", "open_hi_hat"}


def test_what_is_denied_decides_between_the_leaves_of_a_group():
    strings = one_of("violin", "viola", "cello")
    both = partial_truth([strings], [sounds("viola")])
    assert (both.present, both.any_of) == ((), (("violin", "cello"),))
    one = partial_truth([strings], [sounds("viola"), sounds("cello")])
    assert (one.present, one.any_of) == (("violin",), ())


def test_a_sample_library_needs_no_names_of_its_own():
    names = ("Kick", "snare", "808", "Open Hat", "closed-hat")
    assert [truth_of(name).present[0] for name in names] == [
        "kick_drum", "snare_drum", "kick_drum", "open_hi_hat", "closed_hi_hat",
    ]  # fmt: skip
    assert "tr808_kick_drum" in truth_of("808").present


def test_an_unmapped_label_is_named_with_its_file(tmp_path):
    with pytest.raises(TimbreError, match=r"'vuvuzela' in .*names\.csv"):
        meaning_of("vuvuzela", MEANINGS, tmp_path / "names.csv")


def test_a_truth_with_more_known_absent_decides_its_groups():
    truth = closed_truth(one_of("violin", "viola"))
    assert narrowed(truth, ["choir"]).any_of == (("violin", "viola"),)
    told = narrowed(truth, ["viola"])
    assert (told.present, told.any_of) == (("violin",), ())
    assert "viola" in told.absent
    assert narrowed(truth_of_leaves(["flute"]), ["flute"]) == truth_of_leaves(["flute"])
