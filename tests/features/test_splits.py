import pandas as pd

from timbre.features.splits import MANY_GROUPS, assign_splits, leaking_groups


def rows_of(*groups: tuple[str, str, str, int, float, bool]) -> pd.DataFrame:
    """(dataset, group, leaf, clips, seconds each, shippable)"""
    rows = [
        {"clip_id": f"{group}/{n}", "dataset": dataset, "group": group, "present": [leaf] if leaf else [],
         "duration_s": seconds, "shippable": shippable, "split": "", "kind": "note"}
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
    assert 0.5 < shares["train"] < 0.8
    assert min(shares["validation"], shares["test"]) > 0.05
    assert split_by_group(assign_splits(table.sample(frac=1, random_state=1))) == split_by_group(first)


def test_a_split_that_is_set_stays_and_a_leak_is_found():
    table = rows_of(("f", "f/organ", "organ", 2, 5.0, True)).assign(split="validation")
    assert set(assign_splits(table)["split"]) == {"validation"}
    table.loc[0, "split"] = "train"
    assert leaking_groups(table) == ["f/organ"]
