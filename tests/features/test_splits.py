import numpy as np
import pandas as pd
import pytest

from timbre.features.splits import MANY_GROUPS, SHARES, assign_splits, leaking_groups, without_leaks


def rows_of(*groups: tuple[str, str, str, int, float, bool], part: str = "") -> pd.DataFrame:
    """(dataset, group, leaf, clips, seconds each, shippable)"""
    rows = [
        {"clip_id": f"{group}/{n}", "dataset": dataset, "group": group, "present": [leaf] if leaf else [],
         "any_of": [], "duration_s": seconds, "shippable": shippable, "split": "", "kind": "note",
         "part": part, "sha256": f"{group}/{n}", "recording": ""}
        for dataset, group, leaf, clips, seconds, shippable in groups
        for n in range(clips)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def split_by_group(table: pd.DataFrame) -> dict[str, str]:
    assert leaking_groups(table) == []
    return table.groupby("group")["split"].first().to_dict()


def test_the_smallest_sources_are_held_out_whole():
    table = rows_of(
        ("a", "a/flute", "flute", 100, 5.0, True),
        ("b", "b/flute", "flute", 20, 5.0, True),
        ("c", "c/flute", "flute", 30, 5.0, True),
    )
    assert split_by_group(assign_splits(table)) == {
        "a/flute": "train",
        "b/flute": "test",
        "c/flute": "validation",
    }


def test_the_only_large_source_trains():
    table = rows_of(("a", "a/tuba", "tuba", 100, 5.0, True), ("b", "b/tuba", "tuba", 80, 5.0, True))
    assert split_by_group(assign_splits(table)) == {"a/tuba": "train", "b/tuba": "train"}
    scraps = rows_of(("a", "a/tuba", "tuba", 100, 5.0, True), ("b", "b/tuba", "tuba", 2, 1.0, True))
    assert split_by_group(assign_splits(scraps))["b/tuba"] == "train"


def test_what_may_not_be_published_is_for_testing():
    table = rows_of(("a", "a/clap", "clap", 50, 1.0, True), ("b", "b/clap", "clap", 50, 1.0, False))
    assert split_by_group(assign_splits(table)) == {"a/clap": "train", "b/clap": "test"}


def test_many_groups_are_divided_in_all_directions_and_always_the_same():
    table = rows_of(*[("x", f"x/{n}", "cello", 1, 5.0, True) for n in range(40 * MANY_GROUPS)])
    first = assign_splits(table)
    shares = first["split"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx(SHARES, abs=0.01)
    assert split_by_group(assign_splits(table.sample(frac=1, random_state=1))) == split_by_group(first)
    assert split_by_group(assign_splits(table, seed=1)) != split_by_group(first)


def test_what_shall_not_validate_is_learned_from_and_its_tests_stay():
    players = [("x", f"x/{n}", "cello", 1, 5.0, True) for n in range(MANY_GROUPS)]
    usual = split_by_group(assign_splits(rows_of(*players)))
    assert set(usual.values()) == set(SHARES)
    told = split_by_group(assign_splits(rows_of(*players, part="train_or_test")))
    assert told == {group: "train" if side == "validation" else side for group, side in usual.items()}


def test_what_shall_not_validate_takes_nobodys_place():
    sources = [("b", 20, "train_or_test"), ("c", 30, ""), ("a", 100, "")]
    tables = [rows_of((name, f"{name}/flute", "flute", n, 5.0, True), part=part) for name, n, part in sources]
    players = [("x", f"x/{n}", "flute", 1, 5.0, True) for n in range(MANY_GROUPS)]
    crowd = rows_of(*players, part="train_or_test")
    few = split_by_group(assign_splits(pd.concat(tables, ignore_index=True)))
    assert few == {"a/flute": "train", "b/flute": "test", "c/flute": "validation"}
    beside = split_by_group(assign_splits(pd.concat([*tables, crowd], ignore_index=True)))
    assert {name: beside[f"{name}/flute"] for name in "abc"} == {
        "a": "train",
        "b": "train",
        "c": "validation",
    }


def test_no_side_of_a_small_crowd_is_empty():
    table = rows_of(*[("x", f"x/player{n}", "cello", 2, 5.0, True) for n in range(MANY_GROUPS)])
    for seed in range(20):
        assert set(split_by_group(assign_splits(table, seed)).values()) == {"train", "validation", "test"}


def kits(n_kits: int) -> pd.DataFrame:
    """Kits of one collection, each with one-shots of three drums; every other kit is larger."""
    drums = ("kick_drum", "snare_drum", "hi_hat")
    groups = [("x", f"x/kit{n}", drum, 2 + n % 2, 0.7 + n, True) for n in range(n_kits) for drum in drums]
    table = rows_of(*groups)
    return table.assign(clip_id=[f"{number:03}" for number in range(len(table))])


def mixed_up(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same clips in another order and under other names, which are in no order."""
    table = table.sample(frac=1, random_state=seed).reset_index(drop=True)
    return table.assign(clip_id=[f"{(number * 37 + seed) % 101:03}" for number in range(len(table))])


@pytest.mark.parametrize("n_kits", [MANY_GROUPS + 2, MANY_GROUPS - 2])
@pytest.mark.parametrize("part", ["", "development", "train_or_test"])
def test_the_order_and_the_names_of_its_clips_decide_nothing_of_a_kit(n_kits, part):
    table = kits(n_kits).assign(part=part)
    first = split_by_group(assign_splits(table))
    assert (
        set(first.values())
        == {
            "": {"train", "validation", "test"},
            "development": {"train", "validation"},
            "train_or_test": {"train", "test"},
        }[part]
    )
    for seed in range(10):
        assert split_by_group(assign_splits(mixed_up(table, seed))) == first


def test_sources_of_one_length_are_held_out_alike_in_any_order():
    # Sums of the same seconds in another order differ in their last bits.
    seconds = (4.1, 5.3, 6.7, 0.9, 3.33, 7.77)
    table = rows_of(*[("x", f"x/{name}", "flute", 1, s, True) for name in "abcd" for s in seconds])
    first = split_by_group(assign_splits(table))
    for seed in range(20):
        assert split_by_group(assign_splits(mixed_up(table, seed))) == first


def test_a_kit_counts_for_what_most_kits_hold():
    odd = [("x", f"x/kit{n}", f"tom{n // 2}", 3, 1.0, True) for n in range(MANY_GROUPS)]
    common = [("x", f"x/kit{n}", "kick_drum", 1, 1.0, True) for n in range(MANY_GROUPS)]
    table = rows_of(*odd, *common)
    assert set(split_by_group(assign_splits(table)).values()) == {"train", "validation", "test"}


def test_a_kit_that_alone_has_an_instrument_is_learned_from():
    kits = [("x", f"x/kit{n}", "kick_drum", 3, 1.0, True) for n in range(MANY_GROUPS + 1)]
    for _, group, *_ in kits:
        with_bell = rows_of(*kits, ("x", group, "cowbell", 1, 1.0, True))
        official = rows_of(("z", "z/kit", "cowbell", 1, 1.0, True), part="test")
        forbidden = rows_of(("y", "y/kit", "cowbell", 1, 1.0, False))  # which nobody learns from either
        rendered = rows_of(("font", "font/cowbell", "cowbell", 1, 1.0, True)).assign(split="train")
        table = pd.concat([with_bell, official, forbidden, rendered], ignore_index=True)
        sides = split_by_group(assign_splits(table))
        assert (sides[group], sides["y/kit"], sides["z/kit"]) == ("train", "test", "test")
        assert {sides[name] for _, name, *_ in kits} == {"train", "validation", "test"}


def test_a_kit_whose_instruments_are_learned_elsewhere_may_be_held_out():
    kits = [("x", f"x/kit{n}", "kick_drum", 3, 1.0, True) for n in range(MANY_GROUPS + 1)]
    bells = rows_of(*[("z", f"z/{n}", "cowbell", 1, 1.0, True) for n in range(3)], part="train")
    held_out = []
    for _, group, *_ in kits:
        table = pd.concat([rows_of(*kits, ("x", group, "cowbell", 1, 1.0, True)), bells], ignore_index=True)
        held_out.append(split_by_group(assign_splits(table))[group])
    assert set(held_out) == {"train", "validation", "test"}


@pytest.mark.parametrize("n_kits", [MANY_GROUPS, 10, 12, 20])
def test_kits_that_all_have_something_of_their_own_are_held_out_all_the_same(n_kits):
    for seed in range(20):
        random = np.random.default_rng(seed)
        kits = [
            ("x", f"x/kit{n}", drum, 2, 1.0, True)
            for n in range(n_kits)
            for drum in ("kick_drum", "snare_drum", *random.choice([f"drum{d}" for d in range(15)], 3, False))
        ]
        sides = split_by_group(assign_splits(rows_of(*kits)))
        assert set(sides.values()) == {"train", "validation", "test"}


def test_of_few_kits_one_is_held_out_though_each_has_something_of_its_own():
    kits = [("x", f"x/kit{n}", drum, 10, 4.0, True) for n in range(4) for drum in ("kick_drum", f"drum{n}")]
    assert sorted(split_by_group(assign_splits(rows_of(*kits))).values()) == [
        "test",
        "train",
        "train",
        "validation",
    ]


def test_noise_beside_an_instrument_leaves_it_a_source_of_that():
    table = rows_of(
        ("a", "a/flute", "flute", 100, 5.0, True),
        ("b", "b/player", "", 10, 5.0, True),
        ("b", "b/player", "flute", 10, 5.0, True),
        ("c", "c/flute", "flute", 30, 5.0, True),
        ("b", "b/noise", "", 10, 5.0, True),
        ("b", "b/hum", "", 10, 5.0, True),
    )
    sides = split_by_group(assign_splits(table))
    assert (sides["a/flute"], sides["b/player"], sides["c/flute"]) == ("train", "test", "validation")


def test_a_split_that_is_set_stays_and_a_leak_is_found():
    table = rows_of(("f", "f/organ", "organ", 2, 5.0, True)).assign(split="validation")
    assert set(assign_splits(table)["split"]) == {"validation"}
    table.loc[0, "split"] = "train"
    assert leaking_groups(table) == ["f/organ"]


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_an_official_side_is_kept(part):
    table = rows_of(*[("x", f"x/{n}", "cello", 1, 5.0, True) for n in range(20)], part=part)
    assert set(assign_splits(table)["split"]) == {part}


def test_development_is_divided_into_train_and_validation_by_group():
    groups = [("x", f"x/{n}", "cello", 2, 5.0, True) for n in range(200)]
    table = assign_splits(rows_of(*groups, part="development"))
    shares = pd.Series(split_by_group(table)).value_counts(normalize=True)
    assert set(shares.index) == {"train", "validation"}
    assert shares["validation"] == pytest.approx(0.2, abs=0.01)


def test_clips_of_one_of_several_instruments_are_no_noise():
    # Two sources of guitars beside two of noise: neither counts as the other's material.
    table = rows_of(
        ("a", "a/guitar", "", 100, 5.0, True),
        ("b", "b/guitar", "", 20, 5.0, True),
        ("a", "a/noise", "", 100, 5.0, True),
    )
    guitars = table["group"].str.endswith("guitar")
    table["any_of"] = [["acoustic_guitar|electric_guitar"] if guitar else [] for guitar in guitars]
    assert split_by_group(assign_splits(table)) == {
        "a/guitar": "train",
        "b/guitar": "test",
        "a/noise": "train",
    }


@pytest.mark.parametrize("key", ["group", "sha256", "recording"])
def test_what_stands_on_two_sides_stays_where_it_is_held_out(key):
    table = rows_of(*[("x", f"x/{n}", "cello", 2, 5.0, True) for n in range(4)])
    table["split"] = ["train", "train", "validation", "validation", "test", "test", "train", "train"]
    table.loc[[0, 2, 4], key] = "the same"
    kept, left_out = without_leaks(table)
    assert set(left_out["clip_id"]) == {"x/0/0", "x/1/0"}
    assert set(kept["clip_id"]) == set(table["clip_id"]) - set(left_out["clip_id"])
    assert leaking_groups(kept) == []
    again, nothing = without_leaks(kept)
    assert nothing.empty
    assert again.equals(kept)
