"""Train, validation and test, by group: what shares a player, a room or an instrument stays together.

- What a published model may not learn from is for testing only.
- Collections with many groups of an instrument are divided at random, group by group.
- Of the few large sources of an instrument the smallest are held out whole, as long as most of the
  sound stays to learn from: a recording session that the model never heard is the fair question.
"""

import zlib

import pandas as pd

from timbre.data.table import SPLITS

MANY_GROUPS = 8  # so many groups of one leaf in one collection are divided at random
SHARES = {"train": 0.65, "validation": 0.15, "test": 0.20}
MIN_CLIPS, MIN_SECONDS = 4, 15.0  # less than either says nothing when held out
MAX_HELD_OUT = 1 / 3  # of the seconds that the large sources of a leaf have


def assign_splits(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """The table with `split` filled; rows that have one (held-out soundfonts) keep it."""
    table = table.copy()
    open_rows = table[table["split"] == ""]
    split_of = _split_groups(open_rows, seed)
    table.loc[open_rows.index, "split"] = open_rows["group"].map(split_of)
    return table


def leaking_groups(table: pd.DataFrame) -> list[str]:
    """Groups that stand on more than one side; there must be none."""
    sides = table.groupby("group")["split"].nunique()
    return sorted(sides[sides > 1].index)


def _split_groups(rows: pd.DataFrame, seed: int) -> dict[str, str]:
    facts = rows.assign(leaf=[_leaf(present) for present in rows["present"]])
    groups = facts.groupby("group").agg(
        leaf=("leaf", "first"),
        dataset=("dataset", "first"),
        shippable=("shippable", "all"),
        clips=("clip_id", "size"),
        seconds=("duration_s", "sum"),
    )
    split_of = dict.fromkeys(groups.index[~groups["shippable"]], "test")
    tested = set(groups.loc[~groups["shippable"], "leaf"])
    groups = groups[groups["shippable"]]
    crowd = groups.groupby(["leaf", "dataset"])["clips"].transform("size") >= MANY_GROUPS
    for name in groups.index[crowd]:
        split_of[name] = _by_chance(f"{seed}/{name}")
    crowded = set(groups.loc[crowd, "leaf"])
    for leaf, few in groups[~crowd].groupby("leaf"):
        split_of |= _hold_out_smallest(few, has_test=leaf in tested | crowded, has_crowd=leaf in crowded)
    return split_of


def _leaf(present: list[str]) -> str:
    return present[0] if present else ""


def _by_chance(name: str) -> str:
    draw = zlib.crc32(name.encode()) / 2**32
    for split in SPLITS:
        if draw < SHARES[split]:
            return split
        draw -= SHARES[split]
    return SPLITS[-1]


def _hold_out_smallest(few: pd.DataFrame, *, has_test: bool, has_crowd: bool) -> dict[str, str]:
    """Sides for the few large sources of one leaf, smallest first; most of it stays to learn from."""
    split_of = dict.fromkeys(few.index, "train")
    enough = few[(few["clips"] >= MIN_CLIPS) & (few["seconds"] >= MIN_SECONDS)].sort_values("seconds")
    sides = [] if has_crowd else [*([] if has_test else ["test"]), "validation"]
    left_s = float(few["seconds"].sum())
    for name, side in zip(enough.index, sides, strict=False):
        if enough.loc[name, "seconds"] > MAX_HELD_OUT * left_s:
            break
        split_of[name] = side
        left_s -= enough.loc[name, "seconds"]
    return split_of
